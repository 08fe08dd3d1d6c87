// HTML that is put together from elements: a text can only enter it escaped.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::cli::report {

// Well-formed HTML. There is no way from a plain text to it but `Text` (escaped) and `Trusted`.
class Markup {
 public:
  Markup() = default;
  // For literals of our own sources only.
  static Markup Trusted(std::string_view html);

  Markup& operator+=(const Markup& more) {
    html_ += more.html_;
    return *this;
  }
  bool empty() const { return html_.empty(); }
  const std::string& html() const { return html_; }

 private:
  std::string html_;
};

// Name and value, in order; values are escaped where they are written.
using Attributes = std::vector<std::pair<std::string, std::string>>;

// & < > " ' as entities; bytes that no HTML text may hold (controls but tab and line feed) as
// U+FFFD.
std::string Escape(std::string_view text);

Markup Text(std::string_view text);
Markup Element(std::string_view tag, const Attributes& attributes, const Markup& inner);
Markup Element(std::string_view tag, const Attributes& attributes, std::string_view text);
Markup Element(std::string_view tag, const Markup& inner);
Markup Element(std::string_view tag, std::string_view text);

struct Column {
  std::string title;
  bool numeric = false;
  bool code = false;  // set in a fixed-width face: digests, references
};

// Rows that belong together; its title, if any, is a row of its own before them.
struct RowGroup {
  std::string title = {};
  Attributes attributes = {};
  std::vector<std::vector<std::string>> rows = {};
};

struct Table {
  std::string id;
  std::string caption;
  std::vector<Column> columns;
  std::vector<RowGroup> groups;
  std::string css_class = {};
};

// With caption and scopes: the first cell of a row is its header.
Markup RenderTable(const Table& table);

}  // namespace holdfast::cli::report
