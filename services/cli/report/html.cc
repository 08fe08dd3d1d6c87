#include "cli/report/html.h"

#include <cstddef>

namespace holdfast::cli::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string Class(const Column& column) {
  return column.numeric ? "number" : column.code ? "code" : "";
}

Markup Cell(std::string_view tag, const Column& column, Attributes attributes,
            std::string_view text) {
  if (const std::string name = Class(column); !name.empty()) attributes.emplace_back("class", name);
  return Element(tag, attributes, text);
}

Markup Row(const Table& table, const std::vector<std::string>& cells) {
  Markup row;
  for (std::size_t i = 0; i < cells.size() && i < table.columns.size(); ++i) {
    row += i == 0 ? Cell("th", table.columns[i], {{"scope", "row"}}, cells[i])
                  : Cell("td", table.columns[i], {}, cells[i]);
  }
  return Element("tr", row);
}

Markup Group(const Table& table, const RowGroup& group) {
  Markup rows;
  if (!group.title.empty()) {
    rows += Element("tr", Element("th",
                                  {{"scope", "rowgroup"},
                                   {"class", "group"},
                                   {"colspan", std::to_string(table.columns.size())}},
                                  group.title));
  }
  for (const auto& cells : group.rows) rows += Row(table, cells);
  return Element("tbody", group.attributes, rows);
}

}  // namespace

Markup Markup::Trusted(std::string_view html) {
  Markup markup;
  markup.html_ = html;
  return markup;
}

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7F) {
          out += kReplacement;
        } else {
          out.push_back(c);
        }
    }
  }
  return out;
}

Markup Text(std::string_view text) {
  return Markup::Trusted(Escape(text));
}

Markup Element(std::string_view tag, const Attributes& attributes, const Markup& inner) {
  std::string html = "<" + std::string(tag);
  for (const auto& [name, value] : attributes) html += " " + name + "=\"" + Escape(value) + "\"";
  html += ">" + inner.html() + "</" + std::string(tag) + ">";
  return Markup::Trusted(html);
}

Markup Element(std::string_view tag, const Attributes& attributes, std::string_view text) {
  return Element(tag, attributes, Text(text));
}

Markup Element(std::string_view tag, const Markup& inner) {
  return Element(tag, Attributes(), inner);
}

Markup Element(std::string_view tag, std::string_view text) {
  return Element(tag, Attributes(), Text(text));
}

Markup RenderTable(const Table& table) {
  Markup head;
  for (const Column& column : table.columns)
    head += Cell("th", column, {{"scope", "col"}}, column.title);
  Markup inner = Element("caption", table.caption);
  inner += Element("thead", Element("tr", head));
  for (const RowGroup& group : table.groups) inner += Group(table, group);
  Attributes attributes;
  if (!table.id.empty()) attributes.emplace_back("id", table.id);
  if (!table.css_class.empty()) attributes.emplace_back("class", table.css_class);
  return Element("table", attributes, inner);
}

}  // namespace holdfast::cli::report
