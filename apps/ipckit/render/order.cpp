// SPDX-License-Identifier: MIT
#include <ipckit/render/order.hpp>

#include <algorithm>
#include <string>

#include <ipckit/render/text.hpp>

namespace ipckit::render {
namespace {

bool has_value(const Cell& cell) noexcept
{
  return !std::holds_alternative<Absent>(cell) && !std::holds_alternative<Unknown>(cell) &&
         !std::holds_alternative<Never>(cell) && !std::holds_alternative<Unlimited>(cell);
}

std::string text_of(const Cell& cell)
{
  std::string text;
  append_text(text, cell);
  return text;
}

struct Less {
  const Cell& right;
  template <class T>
  [[nodiscard]] const T& other() const
  {
    return std::get<T>(right);
  }
  bool operator()(const Age& cell) const { return cell.length < other<Age>().length; }
  bool operator()(const Number& cell) const { return cell.count < other<Number>().count; }
  bool operator()(const Signed& cell) const { return cell.count < other<Signed>().count; }
  bool operator()(const Bytes& cell) const { return cell < other<Bytes>(); }
  bool operator()(const Timestamp& cell) const { return cell < other<Timestamp>(); }
  bool operator()(const Mode& cell) const { return cell.bits < other<Mode>().bits; }
  bool operator()(const Percent& cell) const { return cell.value < other<Percent>().value; }
  bool operator()(const Flag& cell) const { return !cell.set && other<Flag>().set; }
  bool operator()(const Numbers& cell) const
  {
    return std::ranges::lexicographical_compare(cell.values, other<Numbers>().values);
  }
  template <class Text>
  bool operator()(const Text& cell) const
  {
    return text_of(Cell{cell}) < text_of(right);
  }
};

}  // namespace

bool comes_before(const Cell& left, const Cell& right)
{
  if (has_value(left) != has_value(right)) return has_value(left);
  if (!has_value(left)) return false;
  if (left.index() != right.index()) return left.index() < right.index();
  return std::visit(Less{right}, left);
}

}  // namespace ipckit::render
