#include "standalone.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "holdfast/directory/v1/directory.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace holdfast::bench {
namespace {

constexpr char kService[] = "/holdfast.metrics.v1.MetricsService/";
constexpr char kIssueToken[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
constexpr std::size_t kChunkBytes = 256U << 10U;

}  // namespace

absl::StatusOr<std::string> AwaitAddress(const std::string& file, Child& process) {
  constexpr std::string_view kField = "\"grpc\":";
  for (const absl::Time until = absl::Now() + absl::Seconds(60); absl::Now() < until;) {
    std::ifstream in(file);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::size_t at = text.find(kField);
    if (at != std::string::npos) {
      const std::size_t from = text.find('"', at + kField.size()) + 1;
      return text.substr(from, text.find('"', from) - from);
    }
    if (!process.running())
      return absl::UnavailableError("the program ended before it was ready; its log says why");
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::DeadlineExceededError("the program is not ready");
}

absl::StatusOr<std::unique_ptr<Standalone>> Standalone::Start(const std::string& program,
                                                              const std::string& folder) {
  std::filesystem::create_directories(folder);
  ASSIGN_OR_RETURN(
      std::unique_ptr<Child> process,
      Child::Start({program, "--data", folder + "/data", "--port", "0", "--demo=empty"},
                   folder + "/standalone.log"));
  auto standalone = std::unique_ptr<Standalone>(new Standalone(std::move(process)));
  ASSIGN_OR_RETURN(const std::string address,
                   AwaitAddress(folder + "/data/run/holdfast.json", *standalone->process_));
  RETURN_IF_ERROR(standalone->SignIn(address));
  return standalone;
}

absl::Status Standalone::SignIn(const std::string& address) {
  const std::shared_ptr<grpc::Channel> channel = rpc::ConnectTo(address);
  rpc::Client nobody(channel);
  directory::v1::IssueTokenRequest request;
  request.set_tenant("westmoor");
  request.set_as("trial");
  directory::v1::IssuedToken issued;
  RETURN_IF_ERROR(nobody.Call(kIssueToken, request, issued));
  client_ = std::make_unique<rpc::Client>(channel, [token = issued.token()] { return token; });
  return absl::OkStatus();
}

rpc::CallOptions Standalone::Patient() const {
  rpc::CallOptions options;
  options.timeout = absl::Hours(1);
  return options;
}

absl::StatusOr<metrics::v1::UploadedFile> Standalone::Upload(const std::string& name,
                                                             std::string_view content) {
  const std::unique_ptr<rpc::Upload> upload =
      client_->OpenUpload(absl::StrCat(kService, "Upload"), Patient());
  metrics::v1::UploadChunk chunk;
  chunk.set_file_name(name);
  do {
    chunk.set_content(std::string(content.substr(0, kChunkBytes)));
    content.remove_prefix(std::min(content.size(), kChunkBytes));
    if (!upload->Write(chunk)) break;  // Finish says why
    chunk.clear_file_name();
  } while (!content.empty());
  metrics::v1::UploadResponse response;
  RETURN_IF_ERROR(upload->Finish(response));
  metrics::v1::UploadedFile file;
  file.set_sha256(response.sha256());
  file.set_name(name);
  return file;
}

absl::Status Standalone::ImportAreas(const std::string& geojson, const std::string& vintage,
                                     const std::string& code_property,
                                     const std::string& name_property) {
  metrics::v1::ImportGeographyRequest request;
  ASSIGN_OR_RETURN(*request.mutable_file(), Upload("wards.geojson", geojson));
  request.set_kind("ward");
  request.set_vintage(vintage);
  request.set_code_property(code_property);
  request.set_name_property(name_property);
  request.set_source("benchmark");
  metrics::v1::ImportReferenceResponse response;
  return client_->Call(absl::StrCat(kService, "ImportGeography"), request, response, Patient());
}

absl::StatusOr<ImportTimes> Standalone::Import(
    const std::vector<metrics::v1::UploadedFile>& files) {
  metrics::v1::PlanImportRequest request;
  for (const metrics::v1::UploadedFile& file : files) *request.add_files() = file;
  request.set_profile("police-uk-street");
  metrics::v1::ImportPlan plan;
  ImportTimes times;
  absl::Time began = absl::Now();
  RETURN_IF_ERROR(client_->Call(absl::StrCat(kService, "PlanImport"), request, plan, Patient()));
  times.plan = absl::Now() - began;

  metrics::v1::ApplyImportRequest apply;
  apply.set_token(plan.token());
  metrics::v1::ImportResult result;
  rpc::CallOptions options = Patient();
  options.idempotency_key = absl::StrCat("import/", plan.token());
  began = absl::Now();
  RETURN_IF_ERROR(client_->Call(absl::StrCat(kService, "ApplyImport"), apply, result, options));
  times.apply = absl::Now() - began;
  times.rows = plan.rows_in();
  if (plan.new_rows() == 0 || result.events() == 0)
    return absl::InternalError("the import wrote nothing: the rows were there already");
  return times;
}

}  // namespace holdfast::bench
