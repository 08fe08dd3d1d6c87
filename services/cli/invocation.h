// One call of a command: what was given, where it prints, whom it asks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "cli/output.h"
#include "cli/session.h"

namespace google::protobuf {
class EnumDescriptor;
}

namespace holdfast::cli {

class Invocation {
 public:
  // `given`: option name ("--area") or positional name ("SITE") -> values, in order.
  Invocation(std::map<std::string, std::vector<std::string>, std::less<>> given,
             SessionOptions session, Output output);
  ~Invocation();

  bool Has(std::string_view name) const;
  // The value, "" where it was not given.
  std::string Get(std::string_view name) const;
  // Every value; those joined by commas are taken apart.
  std::vector<std::string> GetAll(std::string_view name) const;

  // Strict forms; a usage fault that names option, rule and an example otherwise. Absent: unset /
  // nullopt.
  absl::StatusOr<std::optional<type::v1::Month>> Month(std::string_view name) const;
  absl::StatusOr<std::optional<type::v1::Day>> Day(std::string_view name) const;
  absl::StatusOr<std::optional<double>> Number(std::string_view name) const;
  // An enumeration value by name, in any case, "-" or "_"; the fault lists what there is, and the
  // nearest.
  absl::StatusOr<int> Code(std::string_view name,
                           const google::protobuf::EnumDescriptor& codes) const;

  Output& output() { return output_; }
  Session& session() { return *session_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
  Output output_;
  std::unique_ptr<Session> session_;
};

// "2016-04", "2016-06-30"; "" for a day that is not set.
std::string ToText(const type::v1::Month& month);
std::string ToText(const type::v1::Day& day);
// At most `digits` after the point, no trailing zeros.
std::string ToText(double value, int digits);

}  // namespace holdfast::cli
