// What a plan is made from: a file of forces, and the report of a benchmark.
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/capacity/plan.h"
#include "ingest/byte_source.h"
#include "ingest/csv_reader.h"

namespace holdfast::cli::capacity {
namespace {

constexpr std::array<std::string_view, 4> kColumns = {"slug", "officers", "crimes_a_year", "users"};
constexpr std::string_view kInFlight = ", 64 in flight";

absl::Status FaultAt(const ingest::CsvReader& reader, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(reader.file(), ", line ", reader.line(), ": ", std::string(what)));
}

absl::Status CheckHeader(const ingest::CsvReader& reader) {
  if (std::ranges::equal(reader.fields(), kColumns)) return absl::OkStatus();
  return FaultAt(reader, "the columns must be slug,officers,crimes_a_year,users");
}

absl::Status ReadCount(const ingest::CsvReader& reader, std::size_t column, std::uint64_t& into) {
  const std::string_view text = reader.fields()[column];
  if (absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &into)) return absl::OkStatus();
  return FaultAt(reader, absl::StrCat(std::string(kColumns.at(column)),
                                      " must be a whole number of at least 0"));
}

absl::StatusOr<Force> ForceOf(const ingest::CsvReader& reader) {
  if (reader.fields().size() != kColumns.size())
    return FaultAt(reader, absl::StrCat("a row has ", kColumns.size(), " fields"));
  Force force;
  force.slug = std::string(reader.fields()[0]);
  if (force.slug.empty()) return FaultAt(reader, "slug must be given");
  RETURN_IF_ERROR(ReadCount(reader, 1, force.officers));
  RETURN_IF_ERROR(ReadCount(reader, 2, force.crimes_a_year));
  force.users = force.officers;
  if (!reader.fields()[3].empty()) RETURN_IF_ERROR(ReadCount(reader, 3, force.users));
  return force;
}

const google::protobuf::Value* FieldOf(const google::protobuf::Struct& object, const char* name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? nullptr : &found->second;
}

}  // namespace

absl::StatusOr<std::vector<Force>> ReadForces(std::string_view csv, const std::string& file) {
  ingest::MemorySource source(csv);
  ingest::CsvReader reader(source, file);
  ASSIGN_OR_RETURN(bool more, reader.Next());
  if (!more) return absl::InvalidArgumentError(absl::StrCat(file, " is empty"));
  RETURN_IF_ERROR(CheckHeader(reader));
  std::vector<Force> forces;
  while (true) {
    ASSIGN_OR_RETURN(more, reader.Next());
    if (!more) return forces;
    ASSIGN_OR_RETURN(Force force, ForceOf(reader));
    forces.push_back(std::move(force));
  }
}

absl::StatusOr<double> PartitionRateOf(const std::string& report_json) {
  google::protobuf::Struct report;
  if (!google::protobuf::util::JsonStringToMessage(report_json, &report).ok())
    return absl::InvalidArgumentError("the report is no JSON; ./dev bench E8 writes one");
  double rate = 0;
  std::string best;
  const google::protobuf::Value* const rows = FieldOf(report, "rows");
  for (int i = 0; rows != nullptr && i < rows->list_value().values_size(); ++i) {
    const google::protobuf::Struct& row = rows->list_value().values(i).struct_value();
    const google::protobuf::Value* const scenario = FieldOf(row, "scenario");
    const google::protobuf::Value* const path = FieldOf(row, "path");
    const google::protobuf::Value* const ours = FieldOf(row, "ours");
    if (scenario == nullptr || path == nullptr || ours == nullptr) continue;
    const std::string& text = path->string_value();
    // "commands on 1 broker, …" sorts before "commands on 3 brokers, …".
    if (scenario->string_value() != "E8" || !text.ends_with(kInFlight) || text < best) continue;
    best = text;
    rate = ours->number_value();
  }
  if (rate > 0) return rate;
  return absl::InvalidArgumentError(
      "the report has no figure of E8; measure it with: ./dev bench E8, or give --rate");
}

}  // namespace holdfast::cli::capacity
