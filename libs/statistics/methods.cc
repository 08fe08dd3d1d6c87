#include "statistics/methods.h"

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "statistics/method_io.h"

namespace holdfast::statistics {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr std::size_t kMostJson = std::size_t{16} << 20;

constexpr std::array<std::string_view, 0> kNotYetBuilt = {};

std::vector<NamedMethod> AllMethods() {
  std::vector<NamedMethod> all;
  for (const std::span<const NamedMethod> table :
       {CountMethods(), SeverityAndRankMethods(), SeriesMethods(), EvaluationMethods(),
        PlaceMethods(), SurveyMethods()})
    all.insert(all.end(), table.begin(), table.end());
  std::sort(all.begin(), all.end(),
            [](const NamedMethod& left, const NamedMethod& right) { return left.id < right.id; });
  return all;
}

absl::StatusOr<Method> Find(std::string_view id) {
  for (const NamedMethod& method : AllMethods()) {
    if (method.id == id) return method.evaluate;
  }
  const std::string name(id);
  if (std::find(kNotYetBuilt.begin(), kNotYetBuilt.end(), id) != kNotYetBuilt.end())
    return absl::UnimplementedError(absl::StrCat(name, ": this method is not built yet"));
  return absl::NotFoundError(absl::StrCat(name, ": there is no such method"));
}

// Map order is not stable in protobuf; serialised deterministically, keys come out sorted.
absl::StatusOr<std::string> ToJson(const Value& value) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    value.SerializeToCodedStream(&coded);
  }
  static constexpr char kPrefix[] = "type.googleapis.com";
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          kPrefix, google::protobuf::DescriptorPool::generated_pool()));
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      resolver.get(), absl::StrCat(kPrefix, "/google.protobuf.Value"), bytes, &json);
  if (!status.ok()) return absl::InternalError("the answer cannot be written as JSON");
  return json;
}

}  // namespace

std::span<const std::string_view> NotYetBuilt() {
  return kNotYetBuilt;
}

std::vector<std::string_view> MethodIds() {
  std::vector<std::string_view> ids;
  for (const NamedMethod& method : AllMethods()) ids.push_back(method.id);
  return ids;
}

absl::StatusOr<Struct> Evaluate(std::string_view method, const Struct& input,
                                std::string_view data_dir, UnknownKeys unknown) {
  ASSIGN_OR_RETURN(const Method evaluate, Find(method));
  MethodInput in(input, data_dir);
  MethodOutput out;
  evaluate(in, out);
  RETURN_IF_ERROR(WithContext(in.fault(), method));
  if (unknown == UnknownKeys::kRefused) {
    if (const auto key = in.Unread())
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(method), ": ", *key, ": this method has no such key"));
  }
  const std::optional<Undefined> reason = in.undefined() ? in.undefined() : out.undefined();
  if (!reason) return std::move(out.object());
  MethodOutput none;
  none.Set("undefined", Name(*reason));
  return std::move(none.object());
}

absl::StatusOr<std::string> EvaluateJson(std::string_view method, std::string_view json,
                                         std::string_view data_dir) {
  RETURN_IF_ERROR(Find(method).status());
  if (json.size() > kMostJson) return absl::InvalidArgumentError("the input is larger than 16 MiB");
  Value input;
  if (!google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &input).ok())
    return absl::InvalidArgumentError("the input is no JSON");
  Value answer;
  if (input.has_struct_value()) {
    ASSIGN_OR_RETURN(*answer.mutable_struct_value(),
                     Evaluate(method, input.struct_value(), data_dir));
    return ToJson(answer);
  }
  if (!input.has_list_value())
    return absl::InvalidArgumentError("give one JSON object, or an array of them");
  answer.mutable_list_value();
  for (const Value& one : input.list_value().values()) {
    if (!one.has_struct_value())
      return absl::InvalidArgumentError("give one JSON object, or an array of them");
    ASSIGN_OR_RETURN(*answer.mutable_list_value()->add_values()->mutable_struct_value(),
                     Evaluate(method, one.struct_value(), data_dir));
  }
  return ToJson(answer);
}

}  // namespace holdfast::statistics
