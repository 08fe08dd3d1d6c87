#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "base/civil_time.h"
#include "base/status_macros.h"
#include "cli/report/report.h"

namespace holdfast::cli::report {
namespace {

absl::StatusOr<std::string> Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok())
    return absl::InternalError("an answer cannot be written as JSON");
  return json;
}

std::string Quoted(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return Json(value).value_or("\"\"");
}

// An object, field by field; values are JSON.
class Object {
 public:
  absl::Status Add(const std::string& name, const google::protobuf::Message& message) {
    ASSIGN_OR_RETURN(std::string json, Json(message));
    AddJson(name, json);
    return absl::OkStatus();
  }
  // The answer, or {"missing": why}.
  template <class Request, class Answer>
  absl::Status Add(const std::string& name, const Asked<Request, Answer>& asked) {
    if (asked.has()) return Add(name, asked.answer);
    AddJson(name, "{\"missing\":" + Quoted(asked.missing) + "}");
    return absl::OkStatus();
  }
  void AddText(const std::string& name, const std::string& text) { AddJson(name, Quoted(text)); }
  void AddJson(const std::string& name, const std::string& json) {
    fields_ += (fields_.empty() ? "" : ",\n") + Quoted(name) + ":" + json;
  }
  std::string Done() const { return "{" + fields_ + "}"; }

 private:
  std::string fields_;
};

}  // namespace

absl::StatusOr<std::string> JsonOf(const ReportData& data) {
  Object all;
  all.AddText("site_id", data.site_id);
  all.AddText("tenant", data.tenant);
  all.AddText("as_of", FormatDay(data.as_of));
  RETURN_IF_ERROR(all.Add("board", data.board));
  RETURN_IF_ERROR(all.Add("baseline", data.baseline));
  RETURN_IF_ERROR(all.Add("ranks", data.ranks));
  RETURN_IF_ERROR(all.Add("latest_ranks", data.latest_ranks));
  std::string measures;
  for (const MeasureReport& measure : data.measures) {
    Object one;
    one.AddText("measure", measure.measure_id);
    RETURN_IF_ERROR(one.Add("series", measure.series));
    RETURN_IF_ERROR(one.Add("control_chart", measure.chart));
    RETURN_IF_ERROR(one.Add("comparison", measure.comparison));
    measures += (measures.empty() ? "" : ",\n") + one.Done();
  }
  all.AddJson("measures", "[" + measures + "]");
  RETURN_IF_ERROR(all.Add("datasets", data.datasets));
  RETURN_IF_ERROR(all.Add("extracts", data.extracts));
  RETURN_IF_ERROR(all.Add("reference_sets", data.references));
  return all.Done() + "\n";
}

}  // namespace holdfast::cli::report
