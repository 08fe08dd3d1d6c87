#include <algorithm>
#include <string>

#include "holdfast/testing/v1/door.pb.h"

#include "base/check.h"
#include "base/error.h"
#include "rpc/field_validator.h"
#include "rpc/wire_fault.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

using testing::v1::Tell;

rpc::FieldValidator Prepared() {
  rpc::FieldValidator validator;
  HOLDFAST_CHECK(validator.Prepare(*Tell::descriptor()).ok());
  return validator;
}

std::size_t CodePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

// What was let through keeps the limits that its fields declare.
void CheckLimits(const Tell& message) {
  HOLDFAST_CHECK(CodePoints(message.name()) >= 2 && CodePoints(message.name()) <= 10);
  HOLDFAST_CHECK(message.name().find_first_of("0123456789") == std::string::npos);
  HOLDFAST_CHECK(CodePoints(message.id()) <= 36);
  HOLDFAST_CHECK(message.mood() == Tell::CALM);
  HOLDFAST_CHECK(message.count() <= 100);
  HOLDFAST_CHECK(message.ratio() == 0 || (message.ratio() >= 0.5 && message.ratio() <= 2));
  HOLDFAST_CHECK(message.digest().empty() || message.digest().size() == 4);
  HOLDFAST_CHECK(message.lines_size() <= 3 && message.moods_size() <= 3);
  HOLDFAST_CHECK(!message.has_who() && message.known() == 0);
  for (const Tell::Line& line : message.lines()) HOLDFAST_CHECK(line.under_size() <= 4);
}

}  // namespace

void Fields(std::string_view bytes) {
  static const rpc::FieldValidator& validator = *new rpc::FieldValidator(Prepared());
  Tell message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    const FieldViolation fault = rpc::FindWireFault(*Tell::descriptor(), bytes);
    HOLDFAST_CHECK(!fault.field.empty() && !fault.rule.empty());
    return;
  }
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const absl::Status strict = validator.Check(message, now, {.refuse_unknown = true});
  const absl::Status lenient = validator.Check(message, now, {});
  HOLDFAST_CHECK(lenient.ok() || !strict.ok());
  for (const absl::Status& status : {strict, lenient})
    HOLDFAST_CHECK(status.ok() || absl::IsInvalidArgument(status));
  if (lenient.ok()) CheckLimits(message);
}

}  // namespace holdfast::fuzz
