#include "rpc/field_validator.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>
#include <re2/re2.h>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/civil_time.h"
#include "base/timestamps.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;
using options::v1::Limits;

constexpr std::size_t kMaxViolations = 100;
constexpr absl::Duration kSkew = absl::Seconds(60);

// Messages whose meaning the validator knows.
enum class Known { kNone, kDay, kMonth, kPeriod, kTimestamp, kDuration, kPersonal };

Known KnownAs(const pb::Descriptor& type) {
  if (&type == type::v1::Day::descriptor()) return Known::kDay;
  if (&type == type::v1::Month::descriptor()) return Known::kMonth;
  if (&type == type::v1::Period::descriptor()) return Known::kPeriod;
  if (&type == pb::Timestamp::descriptor()) return Known::kTimestamp;
  if (&type == pb::Duration::descriptor()) return Known::kDuration;
  if (&type == type::v1::Personal::descriptor()) return Known::kPersonal;
  return Known::kNone;
}

// Where in the message the checker stands; spelled out only when something is wrong.
struct Place {
  const Place* within = nullptr;
  const pb::FieldDescriptor* field = nullptr;
  int index = -1;

  std::string Path() const {
    std::string path = within != nullptr ? within->Path() : "";
    if (field == nullptr) return path;
    if (!path.empty()) path += ".";
    path += field->name();
    if (index >= 0) absl::StrAppend(&path, "[", index, "]");
    return path;
  }
};

std::size_t CodePoints(std::string_view text) {
  std::size_t points = 0;
  for (const char byte : text) {
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80U) ++points;
  }
  return points;
}

// Beside the tab and the end of a line, which a text of several lines has.
bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  });
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<absl::CivilDay> CivilDayOf(const type::v1::Day& day) {
  if (day.year() < 1 || day.year() > 9999) return std::nullopt;
  const absl::CivilDay civil(day.year(), day.month(), day.day());
  if (civil.month() != day.month() || civil.day() != day.day()) return std::nullopt;
  return civil;
}

bool InCalendar(const type::v1::Month& month) {
  return month.year() >= 1 && month.year() <= 9999 && month.month() >= 1 && month.month() <= 12;
}

bool InRange(const pb::Timestamp& at) {
  return at.seconds() >= -62135596800 && at.seconds() <= 253402300799 && at.nanos() >= 0 &&
         at.nanos() <= 999999999;
}

bool InRange(const pb::Duration& duration) {
  return std::abs(duration.seconds()) <= 315576000000 && std::abs(duration.nanos()) <= 999999999 &&
         (duration.seconds() == 0 || duration.nanos() == 0 ||
          (duration.seconds() < 0) == (duration.nanos() < 0));
}

std::string Number(double number) {
  return std::floor(number) == number && std::abs(number) < 1e15
             ? absl::StrCat(static_cast<std::int64_t>(number))
             : absl::StrCat(number);
}

}  // namespace

struct FieldValidator::Rules {
  struct Field {
    const pb::FieldDescriptor* descriptor = nullptr;
    Limits limits;
    std::shared_ptr<const RE2> pattern;  // shared only so that Field may be moved
    bool filled_by_us = false;
    const Rules* within = nullptr;  // of a message
  };
  Known known = Known::kNone;
  std::vector<Field> fields;
};

class FieldValidator::Compiler {
 public:
  absl::Status Compile(const pb::Descriptor& type) {
    if (rules_.contains(&type)) return absl::OkStatus();
    Rules& rules = *rules_.emplace(&type, std::make_unique<Rules>()).first->second;
    rules.known = KnownAs(type);
    for (int i = 0; i < type.field_count(); ++i) {
      absl::Status added = AddField(*type.field(i), rules);
      if (!added.ok()) return added;
    }
    return absl::OkStatus();
  }

  const Rules& Of(const pb::Descriptor& type) const {
    const auto found = rules_.find(&type);
    HOLDFAST_CHECK(found != rules_.end());
    return *found->second;
  }

 private:
  absl::Status AddField(const pb::FieldDescriptor& descriptor, Rules& rules) {
    const options::v1::FieldOptions& options =
        descriptor.options().GetExtension(options::v1::field);
    Rules::Field field;
    field.descriptor = &descriptor;
    field.limits = options.limits();
    field.filled_by_us = options.resolved();
    if (!field.limits.pattern().empty()) {
      RE2::Options quiet;
      quiet.set_log_errors(false);
      auto pattern = std::make_shared<RE2>(field.limits.pattern(), quiet);
      if (!pattern->ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(descriptor.full_name(), ": its pattern is no RE2; correct the option"));
      }
      field.pattern = std::move(pattern);
    }
    if (descriptor.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      absl::Status compiled = Compile(*descriptor.message_type());
      if (!compiled.ok()) return compiled;
      field.within = rules_.at(descriptor.message_type()).get();
    }
    rules.fields.push_back(std::move(field));
    return absl::OkStatus();
  }

  std::unordered_map<const pb::Descriptor*, std::unique_ptr<Rules>> rules_;
};

struct FieldValidator::Checker {
  using Field = Rules::Field;
  absl::Time now;
  Options options;
  bool takes_personal = false;
  std::vector<FieldViolation> violations;
  bool unknown = false;    // a field that we do not know
  bool otherwise = false;  // anything else

  void Say(const Place& place, std::string rule) {
    otherwise = true;
    if (violations.size() < kMaxViolations) violations.push_back({Path(place), std::move(rule)});
  }

  std::string Path(const Place& place) const {
    const absl::string_view within(options.within.data(), options.within.size());
    const std::string path = place.Path();
    return absl::StrCat(within, within.empty() || path.empty() ? "" : ".", path);
  }

  void Message(const Rules& rules, const pb::Message& message, const Place& place) {
    const pb::Reflection& reflection = *message.GetReflection();
    if (options.refuse_unknown) UnknownFields(reflection.GetUnknownFields(message), message, place);
    for (const Field& field : rules.fields) {
      const Place here{&place, field.descriptor, -1};
      if (field.descriptor->is_repeated()) {
        Repeated(field, message, reflection, here);
      } else {
        Singular(field, message, reflection, here);
      }
    }
    Meaning(rules.known, message, place);
  }

  void UnknownFields(const pb::UnknownFieldSet& fields, const pb::Message& message,
                     const Place& place) {
    for (int i = 0; i < fields.field_count(); ++i) {
      const int number = fields.field(i).number();
      const pb::FieldDescriptor* known = message.GetDescriptor()->FindFieldByNumber(number);
      if (known != nullptr) {
        Say({&place, known, -1}, "has another type than its contract says");
        continue;
      }
      unknown = true;
      if (violations.size() >= kMaxViolations) return;
      const std::string path = Path(place);
      violations.push_back({absl::StrCat(path, path.empty() ? "#" : ".#", number),
                            "is not a field that this version knows"});
    }
  }

  void Singular(const Field& field, const pb::Message& message, const pb::Reflection& reflection,
                const Place& here) {
    // Without presence a field that holds its default counts as left out.
    if (!reflection.HasField(message, field.descriptor)) {
      if (field.limits.required()) Say(here, "is required");
      return;
    }
    if (field.filled_by_us) {
      Say(here, "is filled by Holdfast; leave it out");
      return;
    }
    Value(field, message, reflection, here, -1);
  }

  void Repeated(const Field& field, const pb::Message& message, const pb::Reflection& reflection,
                const Place& here) {
    const int size = reflection.FieldSize(message, field.descriptor);
    const auto items = static_cast<std::uint32_t>(size);
    if (field.filled_by_us && size > 0) return Say(here, "is filled by Holdfast; leave it out");
    if (field.limits.required() && size == 0) return Say(here, "is required");
    if (field.limits.has_min_items() && items < field.limits.min_items()) {
      Say(here, absl::StrCat("has too few items: at least ", field.limits.min_items()));
    }
    if (field.limits.has_max_items() && items > field.limits.max_items()) {
      // One sentence for all of them: the items themselves are not looked at.
      return Say(here, absl::StrCat("has too many items: at most ", field.limits.max_items()));
    }
    for (int i = 0; i < size; ++i) {
      Value(field, message, reflection, {here.within, here.field, i}, i);
    }
  }

  // The field's one value, or the value `index` of a repeated field where it is not negative.
  void Value(const Field& field, const pb::Message& message, const pb::Reflection& reflection,
             const Place& here, int index) {
    const pb::FieldDescriptor* at = field.descriptor;
    const bool one = index < 0;
    switch (at->cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text =
            one ? reflection.GetStringReference(message, at, &scratch)
                : reflection.GetRepeatedStringReference(message, at, index, &scratch);
        return Text(field, text, here);
      }
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return Nested(field,
                      one ? reflection.GetMessage(message, at)
                          : reflection.GetRepeatedMessage(message, at, index),
                      here);
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return Enumeration(field,
                           one ? reflection.GetEnumValue(message, at)
                               : reflection.GetRepeatedEnumValue(message, at, index),
                           here);
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        return;
      default:
        return Range(field, NumberOf(*at, message, reflection, index), here);
    }
  }

  static double NumberOf(const pb::FieldDescriptor& field, const pb::Message& message,
                         const pb::Reflection& reflection, int index) {
    const pb::FieldDescriptor* at = &field;
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return one ? reflection.GetInt32(message, at)
                   : reflection.GetRepeatedInt32(message, at, index);
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return static_cast<double>(one ? reflection.GetInt64(message, at)
                                       : reflection.GetRepeatedInt64(message, at, index));
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return one ? reflection.GetUInt32(message, at)
                   : reflection.GetRepeatedUInt32(message, at, index);
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return static_cast<double>(one ? reflection.GetUInt64(message, at)
                                       : reflection.GetRepeatedUInt64(message, at, index));
      case pb::FieldDescriptor::CPPTYPE_FLOAT:
        return static_cast<double>(one ? reflection.GetFloat(message, at)
                                       : reflection.GetRepeatedFloat(message, at, index));
      default:
        return one ? reflection.GetDouble(message, at)
                   : reflection.GetRepeatedDouble(message, at, index);
    }
  }

  void Text(const Field& field, const std::string& text, const Place& here) {
    const Limits& limits = field.limits;
    const bool bytes = field.descriptor->type() == pb::FieldDescriptor::TYPE_BYTES;
    if (!bytes && HasControls(text)) return Say(here, "must not hold control characters");
    if (!bytes && limits.required() && IsBlank(text)) return Say(here, "must not be blank");
    if (!Length(limits, text, bytes, here)) return;
    if (field.pattern != nullptr && !RE2::FullMatch(text, *field.pattern)) {
      Say(here, absl::StrCat("has another form: it must match ", limits.pattern()));
    }
  }

  // False where it is too long: its form is then not looked at.
  bool Length(const Limits& limits, const std::string& text, bool bytes, const Place& here) {
    if (!limits.has_min_len() && !limits.has_max_len()) return true;
    const char* unit = bytes ? " bytes" : " characters";
    const std::size_t length = bytes ? text.size() : CodePoints(text);
    if (limits.has_min_len() && length < limits.min_len()) {
      Say(here, absl::StrCat("is too short: at least ", limits.min_len(), unit));
    }
    if (!limits.has_max_len() || length <= limits.max_len()) return true;
    Say(here, absl::StrCat("is too long: at most ", limits.max_len(), unit));
    return false;
  }

  void Range(const Field& field, double number, const Place& here) {
    if (!std::isfinite(number)) return Say(here, "is not a finite number");
    if (field.limits.has_min() && number < field.limits.min()) {
      Say(here, absl::StrCat("must be at least ", Number(field.limits.min())));
    }
    if (field.limits.has_max() && number > field.limits.max()) {
      Say(here, absl::StrCat("must be at most ", Number(field.limits.max())));
    }
  }

  void Enumeration(const Field& field, int number, const Place& here) {
    const pb::EnumDescriptor& values = *field.descriptor->enum_type();
    if (values.FindValueByNumber(number) == nullptr) {
      return Say(here, absl::StrCat("is no value of ", values.full_name()));
    }
    if (number == 0 && (field.limits.required() || field.descriptor->is_repeated())) {
      Say(here, "must be said: the first value of its list means nothing");
    }
  }

  void Nested(const Field& field, const pb::Message& message, const Place& here) {
    const std::size_t before = violations.size();
    Message(*field.within, message, here);
    if (field.limits.not_future() && violations.size() == before &&
        InFuture(field.within->known, message)) {
      Say(here, "may not be in the future");
    }
  }

  bool InFuture(Known known, const pb::Message& message) const {
    const absl::CivilDay today = LondonDay(now);
    switch (known) {
      case Known::kDay:
        return CivilDayOf(static_cast<const type::v1::Day&>(message)).value_or(today) > today;
      case Known::kMonth: {
        const auto& month = static_cast<const type::v1::Month&>(message);
        return absl::CivilMonth(month.year(), month.month()) > absl::CivilMonth(today);
      }
      case Known::kTimestamp: {
        const auto& at = static_cast<const pb::Timestamp&>(message);
        return ToTime(at) > now + kSkew;
      }
      default:
        return false;
    }
  }

  void Meaning(Known known, const pb::Message& message, const Place& place) {
    switch (known) {
      case Known::kDay:
        if (!CivilDayOf(static_cast<const type::v1::Day&>(message))) {
          Say(place, "is no day of the calendar");
        }
        return;
      case Known::kMonth:
        if (!InCalendar(static_cast<const type::v1::Month&>(message))) {
          Say(place, "is no month of the calendar");
        }
        return;
      case Known::kPeriod:
        return Period(static_cast<const type::v1::Period&>(message), place);
      case Known::kTimestamp:
        if (!InRange(static_cast<const pb::Timestamp&>(message))) {
          Say(place, "is no instant between the years 1 and 9999");
        }
        return;
      case Known::kDuration:
        if (!InRange(static_cast<const pb::Duration&>(message))) Say(place, "is no duration");
        return;
      case Known::kPersonal:
        return Fact(static_cast<const type::v1::Personal&>(message), place);
      case Known::kNone:
        return;
    }
  }

  void Fact(const type::v1::Personal& fact, const Place& place) {
    if (!takes_personal)
      return Say(place, "holds a fact of a person; leave it out: this server cannot seal it");
    switch (fact.value_case()) {
      case type::v1::Personal::kText:
      case type::v1::Personal::kDay:
      case type::v1::Personal::kPoint:
      case type::v1::Personal::kContent:
        return;
      default:
        return Say(place, "must say a text, day, point or content");
    }
  }

  void Period(const type::v1::Period& period, const Place& place) {
    if (!period.has_from() || !period.has_to()) return;
    const std::optional<absl::CivilDay> from = CivilDayOf(period.from());
    const std::optional<absl::CivilDay> to = CivilDayOf(period.to());
    if (from && to && *from >= *to) Say(place, "must end after it begins");
  }
};

FieldValidator::FieldValidator() : compiler_(std::make_unique<Compiler>()) {}
FieldValidator::~FieldValidator() = default;
FieldValidator::FieldValidator(FieldValidator&&) noexcept = default;

absl::Status FieldValidator::Prepare(const pb::Descriptor& type) {
  return compiler_->Compile(type);
}

absl::Status FieldValidator::Check(const pb::Message& message, absl::Time now,
                                   Options options) const {
  Checker checker{now, options, takes_personal_, {}, false, false};
  checker.Message(compiler_->Of(*message.GetDescriptor()), message, {});
  if (checker.violations.empty()) return absl::OkStatus();
  absl::Status refused = InvalidFields(checker.violations);
  if (!checker.unknown) return refused;
  if (checker.otherwise) return WithReason(std::move(refused), "UNKNOWN_FIELD");
  // Only unknown fields: that is the reason then.
  absl::Status only = ErrorWithReason(refused.code(), "UNKNOWN_FIELD",
                                      {refused.message().data(), refused.message().size()});
  constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
  only.SetPayload(kBadRequest, *refused.GetPayload(kBadRequest));
  return only;
}

}  // namespace holdfast::rpc
