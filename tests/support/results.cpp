// SPDX-License-Identifier: MIT
#include "support/results.hpp"

#include <utility>

namespace ipckit::tests {

std::string show(const Error& error)
{
  return show(error.kind) + ": " + error.operation + " of '" + error.subject + "', errno " +
         std::to_string(error.os_error) + ", detail '" + error.detail + "'";
}

std::string show(Errc kind)
{
  switch (kind) {
    case Errc::invalid: return "invalid";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::access_denied: return "access_denied";
    case Errc::busy: return "busy";
    case Errc::removed: return "removed";
    case Errc::ended: return "ended";
    case Errc::timed_out: return "timed_out";
    case Errc::interrupted: return "interrupted";
    case Errc::too_large: return "too_large";
    case Errc::foreign: return "foreign";
    case Errc::mismatch: return "mismatch";
    case Errc::unseen: return "unseen";
    case Errc::unsupported: return "unsupported";
    case Errc::malformed: return "malformed";
    case Errc::system: return "system";
  }
  return "Errc " + std::to_string(std::to_underlying(kind));
}

std::string show(object::RefProblem problem)
{
  using object::RefProblem;
  switch (problem) {
    case RefProblem::no_kind: return "no_kind";
    case RefProblem::unknown_kind: return "unknown_kind";
    case RefProblem::group: return "group";
    case RefProblem::empty: return "empty";
    case RefProblem::bad_id: return "bad_id";
    case RefProblem::bad_key: return "bad_key";
    case RefProblem::key_zero: return "key_zero";
    case RefProblem::bad_project: return "bad_project";
    case RefProblem::bad_escape: return "bad_escape";
    case RefProblem::bad_name: return "bad_name";
    case RefProblem::name_too_long: return "name_too_long";
    case RefProblem::semaphore_name: return "semaphore_name";
    case RefProblem::bad_namespace: return "bad_namespace";
    case RefProblem::not_sysv: return "not_sysv";
    case RefProblem::other: return "other";
  }
  return "RefProblem " + std::to_string(std::to_underlying(problem));
}

}  // namespace ipckit::tests
