# SPDX-License-Identifier: MIT
# The Debian package: `cpack -G DEB` in a build tree of the release preset writes ipckit_VERSION_ARCHITECTURE.deb there,
# with the program, its manual and completions, and the library.
install(FILES "${PROJECT_SOURCE_DIR}/cmake/debian/copyright" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ipckit)
set(CPACK_PACKAGE_VENDOR "the ipckit developers")
set(CPACK_PACKAGE_CONTACT "ipckit developers <ipckit@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "see, make, change and remove IPC objects")
set(CPACK_PACKAGE_DESCRIPTION
  "ipckit lists, shows, makes and removes the IPC objects of a Linux machine:
System V message queues, shared memory segments and semaphore sets, POSIX
message queues, shared memory objects and named semaphores, and FIFOs. It
knows who uses an object and refuses to remove one that is in use.
.
Every listing is also available as JSON. The package has the program, its
manual, completions for bash, zsh and fish, and the static library and headers
that the program is made of.")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "${PROJECT_HOMEPAGE_URL}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

# What Debian wants otherwise than `cmake --install` does it is done to the staged files.
set(CPACK_IPCKIT_CHANGELOG "${PROJECT_SOURCE_DIR}/cmake/debian/changelog")
set(CPACK_IPCKIT_STRIP "${CMAKE_STRIP}")
set(CPACK_IPCKIT_BINDIR "${CMAKE_INSTALL_BINDIR}")
set(CPACK_IPCKIT_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
set(CPACK_IPCKIT_DATADIR "${CMAKE_INSTALL_DATADIR}")
set(CPACK_IPCKIT_MANDIR "${CMAKE_INSTALL_MANDIR}")
set(CPACK_IPCKIT_DOCDIR "${CMAKE_INSTALL_DOCDIR}")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/debian/stage.cmake")
include(CPack)
