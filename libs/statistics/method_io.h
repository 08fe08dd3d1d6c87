// Reads the JSON object of a method by key, and writes its answer. Private to the adapters of this
// room.
//
// Reading never fails at once: the first fault is kept, a harmless value is given, and the caller
// of the method looks at fault() and undefined() when it has returned. So an adapter reads like the
// call that it makes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/struct.pb.h"

#include "absl/status/status.h"
#include "statistics/displacement.h"
#include "statistics/outcome.h"

namespace holdfast::statistics {

class MethodInput {
 public:
  // data_dir is where a key `data` finds its file. Both outlive this object.
  MethodInput(const google::protobuf::Struct& object, std::string_view data_dir)
      : object_(object), data_dir_(data_dir) {}

  bool Has(std::string_view key);  // present and not null
  double Number(std::string_view key);
  double Number(std::string_view key, double fallback);
  double Level() { return Number("level", 0.95); }
  // A whole number in [0, 2^53]; anything else makes the answer INPUT_OUT_OF_RANGE.
  std::int64_t Count(std::string_view key);
  std::int64_t Count(std::string_view key, std::int64_t fallback);
  std::string Text(std::string_view key);
  std::string Text(std::string_view key, std::string_view fallback);
  bool Flag(std::string_view key, bool fallback);
  std::vector<double> Numbers(std::string_view key);  // null is NaN: not observed
  std::vector<std::int64_t> Counts(std::string_view key);
  std::vector<std::optional<double>> Optionals(std::string_view key);
  // Rows of equal length.
  std::vector<std::vector<double>> Rows(std::string_view key);
  std::vector<std::vector<std::optional<double>>> OptionalRows(std::string_view key);
  // A 64-bit seed: a whole number, or 16 hexadecimal digits, since a JSON number holds 53 bits
  // only; 0 where absent.
  std::uint64_t Seed(std::string_view key);
  BeforeAfter Pair(std::string_view key);  // [before, after]
  std::optional<BeforeAfter> OptionalPair(std::string_view key);
  std::vector<google::protobuf::Struct> Objects(std::string_view key);
  // The object below a key, empty where absent. Its faults are faults of this input once it is
  // Joined.
  google::protobuf::Struct Object(std::string_view key);
  void Join(const MethodInput& part);
  // Columns of the CSV file that `data` names; each must be a number in every row. The name is that
  // of a file in data_dir, without a path.
  std::map<std::string, std::vector<std::string>> Data();
  std::vector<double> Column(const std::map<std::string, std::vector<std::string>>& data,
                             std::string_view name);

  void Refuse(std::string_view key, std::string_view what);
  const absl::Status& fault() const { return fault_; }
  std::optional<Undefined> undefined() const { return undefined_; }
  // A key that the method did not ask for, if there is one: most likely a slip of the pen.
  std::optional<std::string> Unread() const;
  std::string_view data_dir() const { return data_dir_; }

 private:
  const google::protobuf::Value* Find(std::string_view key);
  const google::protobuf::Value* Require(std::string_view key);
  std::vector<std::optional<double>> NumbersOf(std::string_view key,
                                               const google::protobuf::Value& list);
  std::int64_t ToCount(std::string_view key, const google::protobuf::Value& value);

  const google::protobuf::Struct& object_;
  std::string_view data_dir_;
  std::set<std::string, std::less<>> read_ = {"level"};
  absl::Status fault_;
  std::optional<Undefined> undefined_;
};

class MethodOutput {
 public:
  void Set(std::string_view key, double value);
  void Set(std::string_view key, std::string_view text);
  void Set(std::string_view key, const char* text) { Set(key, std::string_view(text)); }
  void Set(std::string_view key, bool value);
  void Set(std::string_view key, std::int64_t value) { Set(key, static_cast<double>(value)); }
  void Set(std::string_view key, std::int32_t value) { Set(key, static_cast<double>(value)); }
  void Set(std::string_view key, std::span<const double> values);
  void Set(std::string_view key, const google::protobuf::ListValue& values);
  void Set(std::string_view key, const google::protobuf::Struct& value);
  // null where absent.
  void Set(std::string_view key, std::optional<double> value);
  void Limits(const Interval& interval, std::string_view prefix = "");

  // True if there is a value; else the answer becomes {"undefined": reason}.
  template <class T>
  bool Take(const Result<T>& result) {
    if (!result) undefined_ = result.error();
    return result.has_value();
  }
  void SetUndefined(Undefined reason) { undefined_ = reason; }
  std::optional<Undefined> undefined() const { return undefined_; }
  google::protobuf::Struct& object() { return object_; }

 private:
  google::protobuf::Struct object_;
  std::optional<Undefined> undefined_;
};

using Method = void (*)(MethodInput&, MethodOutput&);
struct NamedMethod {
  std::string_view id;
  Method evaluate;
};

// One table for each adapter file.
std::span<const NamedMethod> CountMethods();
std::span<const NamedMethod> SeverityAndRankMethods();
std::span<const NamedMethod> SeriesMethods();
std::span<const NamedMethod> EvaluationMethods();
std::span<const NamedMethod> PlaceMethods();
std::span<const NamedMethod> SurveyMethods();

}  // namespace holdfast::statistics
