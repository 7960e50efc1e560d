# SPDX-License-Identifier: MIT
# Run by CPack after it has installed into a directory and before it packs that.
set(stage "${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}")

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(STRINGS "${CPACK_IPCKIT_CHANGELOG}" newest LIMIT_COUNT 1)
if(NOT newest MATCHES "^ipckit \\(${CPACK_PACKAGE_VERSION}\\)")
  message(FATAL_ERROR "${CPACK_IPCKIT_CHANGELOG} does not begin with version ${CPACK_PACKAGE_VERSION}: ${newest}")
endif()

# Manual pages and the changelog are compressed, without a time stamp.
file(COPY "${CPACK_IPCKIT_CHANGELOG}" DESTINATION "${stage}/${CPACK_IPCKIT_DOCDIR}")
file(GLOB pages "${stage}/${CPACK_IPCKIT_MANDIR}/man*/*.[1-9]")
run(gzip -9nf ${pages} "${stage}/${CPACK_IPCKIT_DOCDIR}/changelog")

# The static library keeps the symbols that a link needs; the program has been stripped by CPack.
file(GLOB libraries "${stage}/${CPACK_IPCKIT_LIBDIR}/*.a")
run("${CPACK_IPCKIT_STRIP}" --strip-debug --enable-deterministic-archives --remove-section=.comment
  --remove-section=.note ${libraries})
run("${CPACK_IPCKIT_STRIP}" --remove-section=.comment --remove-section=.note
  "${stage}/${CPACK_IPCKIT_BINDIR}/ipckit")

# A statically linked program is meant here, and lintian is told why.
file(MAKE_DIRECTORY "${stage}/share/lintian/overrides")
file(WRITE "${stage}/share/lintian/overrides/ipckit"
  "# It starts in half the time, and works when it is copied into a container or a rescue system.\n"
  "ipckit: statically-linked-binary *usr/bin/ipckit*\n"
  "ipckit: shared-library-lacks-prerequisites *usr/bin/ipckit*\n")

# Where the zsh of Debian looks.
if(EXISTS "${stage}/${CPACK_IPCKIT_DATADIR}/zsh/site-functions")
  file(RENAME "${stage}/${CPACK_IPCKIT_DATADIR}/zsh/site-functions"
    "${stage}/${CPACK_IPCKIT_DATADIR}/zsh/vendor-completions")
endif()

# Whatever the umask was.
file(CHMOD_RECURSE "${CPACK_TEMPORARY_INSTALL_DIRECTORY}" DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
