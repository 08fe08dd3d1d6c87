// A platform with the service of metrics alone, and what tests ask of it.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "app/in_process.h"
#include "base/hash.h"
#include "metrics/metrics_service.h"
#include "rpc/client.h"

namespace holdfast::metrics {

inline std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

inline type::v1::Month Month(int year, int month) {
  type::v1::Month out;
  out.set_year(year);
  out.set_month(month);
  return out;
}

// A platform of its own, with a client of one tenant.
class House {
 public:
  static std::string FolderOf(const std::string& name) {
    return ::testing::TempDir() + "/holdfast-metrics-" + name;
  }
  // In a folder of its own, empty unless it is to go on.
  explicit House(const std::string& name, bool go_on = false) {
    const std::string folder = FolderOf(name);
    if (!go_on) std::filesystem::remove_all(folder);
    auto started = app::InProcess::Start(folder, {Metrics});
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return;
    house_ = *std::move(started);
    client_.emplace(house_->ClientOf("sandbox"));
  }
  bool ok() const { return house_ != nullptr; }

  template <class Answer, class Request>
  absl::StatusOr<Answer> Ask(const std::string& method, const Request& request) {
    Answer answer;
    rpc::CallOptions options;
    options.timeout = absl::Seconds(60);
    absl::Status status =
        client_->Call("/holdfast.metrics.v1.MetricsService/" + method, request, answer, options);
    if (!status.ok()) return status;
    return answer;
  }

  std::unique_ptr<rpc::Watch> Watch(const std::string& token) {
    v1::WatchImportRequest request;
    request.set_token(token);
    return client_->OpenWatch("/holdfast.metrics.v1.MetricsService/WatchImport", request, {});
  }

  v1::UploadedFile Upload(const std::string& name, const std::string& content) {
    auto upload = client_->OpenUpload("/holdfast.metrics.v1.MetricsService/Upload", {});
    for (std::size_t at = 0; at < content.size() || at == 0; at += 200'000) {
      v1::UploadChunk chunk;
      chunk.set_content(content.substr(at, 200'000));
      if (!upload->Write(chunk)) break;
    }
    v1::UploadResponse response;
    const absl::Status status = upload->Finish(response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.sha256(), AsBytes(Sha256Of(content)));
    v1::UploadedFile file;
    file.set_sha256(response.sha256());
    file.set_name(name);
    return file;
  }

  absl::StatusOr<v1::ImportPlan> Plan(const std::string& profile, const std::string& name,
                                      const std::string& content) {
    v1::PlanImportRequest request;
    *request.add_files() = Upload(name, content);
    request.set_profile(profile);
    return Ask<v1::ImportPlan>("PlanImport", request);
  }

  absl::StatusOr<v1::ImportResult> Apply(const v1::ImportPlan& plan) {
    v1::ApplyImportRequest request;
    request.set_token(plan.token());
    return Ask<v1::ImportResult>("ApplyImport", request);
  }

  absl::StatusOr<v1::ImportResult> Import(const std::string& profile, const std::string& name,
                                          const std::string& content) {
    auto plan = Plan(profile, name, content);
    if (!plan.ok()) return plan.status();
    return Apply(*plan);
  }

  absl::StatusOr<v1::ImportReferenceResponse> ImportWards(const std::string& content,
                                                          const std::string& vintage = "2013") {
    v1::ImportGeographyRequest request;
    *request.mutable_file() = Upload("wards.geojson", content);
    request.set_kind("ward");
    request.set_vintage(vintage);
    request.set_code_property("WD13CD");
    request.set_name_property("WD13NM");
    return Ask<v1::ImportReferenceResponse>("ImportGeography", request);
  }

  absl::StatusOr<v1::ImportReferenceResponse> ImportRows(const std::string& set,
                                                         const std::string& content,
                                                         int year = 2016) {
    v1::ImportReferenceRequest request;
    request.set_set(set);
    request.mutable_valid_from()->set_year(year);
    request.mutable_valid_from()->set_month(6);
    request.mutable_valid_from()->set_day(30);
    *request.mutable_file() = Upload(set + ".csv", content);
    return Ask<v1::ImportReferenceResponse>("ImportReference", request);
  }

  // Crimes of a month in no area of the set.
  std::uint64_t Unlocated(const type::v1::Month& month) {
    v1::ExportCountsRequest request;
    request.mutable_areas()->set_kind("ward");
    *request.mutable_from() = month;
    *request.mutable_to() = month;
    const auto answer = Ask<v1::ExportCountsResponse>("ExportCounts", request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return 0;
    for (const auto& row : answer->rows()) {
      if (row.area() == "UNLOCATED") return row.count();
    }
    return 0;
  }

  // Counts of a category in an area by month; no entry where there is no data.
  std::map<int, std::uint64_t> Series(const std::string& category, const std::string& area,
                                      const type::v1::Month& from, const type::v1::Month& to) {
    v1::GetSeriesRequest request;
    request.set_category(category);
    request.mutable_areas()->set_kind("ward");
    if (!area.empty()) request.mutable_areas()->add_codes(area);
    *request.mutable_from() = from;
    *request.mutable_to() = to;
    const auto answer = Ask<v1::GetSeriesResponse>("GetSeries", request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::map<int, std::uint64_t> counts;
    if (!answer.ok()) return counts;
    for (const auto& point : answer->series(0).points()) {
      if (point.has_count()) {
        counts[point.month().year() * 100 + point.month().month()] = point.count();
      }
    }
    return counts;
  }

 private:
  std::unique_ptr<app::InProcess> house_;
  std::optional<rpc::Client> client_;
};

// Two square wards side by side, at invented codes.
inline constexpr char kTwoWards[] = R"json({"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"WD13CD":"X001","WD13NM":"Westgate"},"geometry":{"type":"Polygon",
  "coordinates":[[[0,51],[0.1,51],[0.1,51.1],[0,51.1],[0,51]]]}},
 {"type":"Feature","properties":{"WD13CD":"X002","WD13NM":"Larkhill"},"geometry":{"type":"Polygon",
  "coordinates":[[[0.1,51],[0.2,51],[0.2,51.1],[0.1,51.1],[0.1,51]]]}}]})json";

// Two more, beside them to the east: another district's file.
inline constexpr char kTwoMoreWards[] = R"json({"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"WD13CD":"X003","WD13NM":"Moorside"},"geometry":{"type":"Polygon",
  "coordinates":[[[0.2,51],[0.3,51],[0.3,51.1],[0.2,51.1],[0.2,51]]]}},
 {"type":"Feature","properties":{"WD13CD":"X004","WD13NM":"Fallow End"},"geometry":{"type":"Polygon",
  "coordinates":[[[0.3,51],[0.4,51],[0.4,51.1],[0.3,51.1],[0.3,51]]]}}]})json";

inline constexpr char kHeader[] =
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA "
    "name,Crime type,Last outcome category,Context\r\n";

struct Crime {
  std::string id;
  std::string point;  // "lon,lat"
  std::string type = "Burglary";
  std::string outcome = "Under investigation";
};

inline std::string StreetCsv(const std::string& month, const std::vector<Crime>& crimes) {
  std::string csv = kHeader;
  for (const Crime& crime : crimes) {
    csv += absl::StrCat(crime.id, ",", month, ",Westmoor Police,Westmoor Police,", crime.point,
                        ",On or near Mill Lane,,,", crime.type, ",", crime.outcome, ",\r\n");
  }
  return csv;
}

}  // namespace holdfast::metrics
