#include "statistics/method_io.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "statistics/csv_records.h"

namespace holdfast::statistics {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

std::string Key(std::string_view key) {
  return std::string(key);
}

}  // namespace

void MethodInput::Refuse(std::string_view key, std::string_view what) {
  if (fault_.ok()) fault_ = absl::InvalidArgumentError(absl::StrCat(Key(key), ": ", Key(what)));
}

const Value* MethodInput::Find(std::string_view key) {
  read_.insert(Key(key));
  const auto found = object_.fields().find(Key(key));
  if (found == object_.fields().end() || found->second.has_null_value()) return nullptr;
  return &found->second;
}

const Value* MethodInput::Require(std::string_view key) {
  const Value* value = Find(key);
  if (value == nullptr) Refuse(key, "this key is missing");
  return value;
}

bool MethodInput::Has(std::string_view key) {
  return Find(key) != nullptr;
}

double MethodInput::Number(std::string_view key) {
  const Value* value = Require(key);
  if (value == nullptr) return 1;
  if (!value->has_number_value()) Refuse(key, "give a number");
  return value->number_value();
}

double MethodInput::Number(std::string_view key, double fallback) {
  return Has(key) ? Number(key) : fallback;
}

std::int64_t MethodInput::ToCount(std::string_view key, const Value& value) {
  if (!value.has_number_value()) {
    Refuse(key, "give a whole number");
    return 0;
  }
  const double number = value.number_value();
  if (!(number >= 0) || number > static_cast<double>(kMaxCount) || number != std::floor(number)) {
    undefined_ = Undefined::kInputOutOfRange;
    return 0;
  }
  return static_cast<std::int64_t>(number);
}

std::int64_t MethodInput::Count(std::string_view key) {
  const Value* value = Require(key);
  return value == nullptr ? 0 : ToCount(key, *value);
}

std::int64_t MethodInput::Count(std::string_view key, std::int64_t fallback) {
  return Has(key) ? Count(key) : fallback;
}

std::string MethodInput::Text(std::string_view key) {
  const Value* value = Require(key);
  if (value == nullptr) return "";
  if (!value->has_string_value()) Refuse(key, "give a text");
  return value->string_value();
}

std::string MethodInput::Text(std::string_view key, std::string_view fallback) {
  return Has(key) ? Text(key) : Key(fallback);
}

bool MethodInput::Flag(std::string_view key, bool fallback) {
  const Value* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->has_bool_value()) Refuse(key, "give true or false");
  return value->bool_value();
}

std::vector<std::optional<double>> MethodInput::NumbersOf(std::string_view key, const Value& list) {
  std::vector<std::optional<double>> numbers;
  if (!list.has_list_value()) Refuse(key, "give a list of numbers");
  for (const Value& element : list.list_value().values()) {
    if (element.has_null_value()) {
      numbers.emplace_back();
      continue;
    }
    if (!element.has_number_value()) Refuse(key, "give a list of numbers");
    numbers.emplace_back(element.number_value());
  }
  return numbers;
}

std::vector<std::optional<double>> MethodInput::Optionals(std::string_view key) {
  const Value* value = Require(key);
  if (value == nullptr) return {};
  return NumbersOf(key, *value);
}

std::vector<double> MethodInput::Numbers(std::string_view key) {
  std::vector<double> numbers;
  for (const std::optional<double>& number : Optionals(key))
    numbers.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  return numbers;
}

std::vector<std::int64_t> MethodInput::Counts(std::string_view key) {
  std::vector<std::int64_t> counts;
  const Value* value = Require(key);
  if (value == nullptr) return counts;
  if (!value->has_list_value()) Refuse(key, "give a list of whole numbers");
  for (const Value& element : value->list_value().values()) counts.push_back(ToCount(key, element));
  return counts;
}

std::vector<std::vector<std::optional<double>>> MethodInput::OptionalRows(std::string_view key) {
  std::vector<std::vector<std::optional<double>>> rows;
  const Value* value = Require(key);
  if (value == nullptr) return rows;
  if (!value->has_list_value()) Refuse(key, "give a list of rows");
  for (const Value& row : value->list_value().values()) {
    rows.push_back(NumbersOf(key, row));
    if (rows.back().size() != rows.front().size()) Refuse(key, "give rows of equal length");
  }
  return rows;
}

std::vector<std::vector<double>> MethodInput::Rows(std::string_view key) {
  std::vector<std::vector<double>> rows;
  for (const std::vector<std::optional<double>>& row : OptionalRows(key)) {
    rows.emplace_back();
    for (const std::optional<double>& number : row) {
      if (!number) Refuse(key, "give a number in every cell");
      rows.back().push_back(number.value_or(0));
    }
  }
  return rows;
}

std::uint64_t MethodInput::Seed(std::string_view key) {
  const Value* value = Find(key);
  if (value == nullptr) return 0;
  if (!value->has_string_value()) return static_cast<std::uint64_t>(ToCount(key, *value));
  const std::string& digits = value->string_value();
  std::uint64_t seed = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, seed, 16);
  if (digits.size() != 16 || read.ec != std::errc() || read.ptr != end)
    Refuse(key, "give a whole number or 16 hexadecimal digits");
  return seed;
}

BeforeAfter MethodInput::Pair(std::string_view key) {
  const std::vector<std::int64_t> counts = Counts(key);
  if (counts.size() != 2) {
    Refuse(key, "give [before, after]");
    return {};
  }
  return {counts[0], counts[1]};
}

std::optional<BeforeAfter> MethodInput::OptionalPair(std::string_view key) {
  if (!Has(key)) return std::nullopt;
  return Pair(key);
}

std::vector<Struct> MethodInput::Objects(std::string_view key) {
  std::vector<Struct> objects;
  const Value* value = Require(key);
  if (value == nullptr) return objects;
  if (!value->has_list_value()) Refuse(key, "give a list of objects");
  for (const Value& element : value->list_value().values()) {
    if (!element.has_struct_value()) Refuse(key, "give a list of objects");
    objects.push_back(element.struct_value());
  }
  return objects;
}

Struct MethodInput::Object(std::string_view key) {
  const Value* value = Find(key);
  if (value == nullptr) return {};
  if (!value->has_struct_value()) Refuse(key, "give an object");
  return value->struct_value();
}

void MethodInput::Join(const MethodInput& part) {
  if (fault_.ok()) fault_ = part.fault_;
  if (!undefined_) undefined_ = part.undefined_;
  if (const auto unread = part.Unread()) Refuse(*unread, "this key is unknown here");
}

std::map<std::string, std::vector<std::string>> MethodInput::Data() {
  std::map<std::string, std::vector<std::string>> columns;
  const std::string name = Text("data");
  if (!fault_.ok()) return columns;
  if (name.empty() || name.find('/') != std::string::npos || name.front() == '.') {
    Refuse("data", "give the name of a file in the data folder, without a path");
    return columns;
  }
  const auto records = ReadCsvFile(absl::StrCat(Key(data_dir_), "/", name));
  if (!records.ok()) {
    if (fault_.ok()) fault_ = records.status();
    return columns;
  }
  if (records->empty()) {
    Refuse("data", "the file has no header");
    return columns;
  }
  const std::vector<std::string>& header = records->front();
  for (std::size_t row = 1; row < records->size(); ++row) {
    if ((*records)[row].size() != header.size()) {
      Refuse("data", absl::StrCat("record ", row + 1, " has not as many fields as the header"));
      return columns;
    }
    for (std::size_t i = 0; i < header.size(); ++i)
      columns[header[i]].push_back((*records)[row][i]);
  }
  return columns;
}

std::vector<double> MethodInput::Column(const std::map<std::string, std::vector<std::string>>& data,
                                        std::string_view name) {
  std::vector<double> numbers;
  const auto column = data.find(Key(name));
  if (column == data.end()) {
    Refuse(name, "the data file has no such column");
    return numbers;
  }
  for (const std::string& text : column->second) {
    double number = 0;
    if (!absl::SimpleAtod(text, &number) || !std::isfinite(number))
      Refuse(name, "this column of the data file holds something that is no number");
    numbers.push_back(number);
  }
  return numbers;
}

std::optional<std::string> MethodInput::Unread() const {
  std::optional<std::string> first;
  for (const auto& [key, value] : object_.fields()) {
    if (!read_.contains(key) && (!first || key < *first)) first = key;
  }
  return first;
}

void MethodOutput::Set(std::string_view key, double value) {
  (*object_.mutable_fields())[Key(key)].set_number_value(value);
}
void MethodOutput::Set(std::string_view key, std::string_view text) {
  (*object_.mutable_fields())[Key(key)].set_string_value(Key(text));
}
void MethodOutput::Set(std::string_view key, bool value) {
  (*object_.mutable_fields())[Key(key)].set_bool_value(value);
}
void MethodOutput::Set(std::string_view key, std::span<const double> values) {
  ListValue list;
  for (const double value : values) list.add_values()->set_number_value(value);
  Set(key, list);
}
void MethodOutput::Set(std::string_view key, const ListValue& values) {
  *(*object_.mutable_fields())[Key(key)].mutable_list_value() = values;
}
void MethodOutput::Set(std::string_view key, const Struct& value) {
  *(*object_.mutable_fields())[Key(key)].mutable_struct_value() = value;
}
void MethodOutput::Set(std::string_view key, std::optional<double> value) {
  if (value) {
    Set(key, *value);
  } else {
    (*object_.mutable_fields())[Key(key)].set_null_value(google::protobuf::NULL_VALUE);
  }
}
void MethodOutput::Limits(const Interval& interval, std::string_view prefix) {
  Set(absl::StrCat(Key(prefix), "lower"), interval.lower);
  Set(absl::StrCat(Key(prefix), "upper"), interval.upper);
}

}  // namespace holdfast::statistics
