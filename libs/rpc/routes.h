// Which doors there are: of each context, one for each instance of its service, by ordinal.
//
//   127.0.0.1:8081                                                  everything is there
//   initiative=127.0.0.1:9501,127.0.0.1:9511;metrics=127.0.0.1:9502;*=127.0.0.1:9501
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::rpc {

class Routes {
 public:
  // kInvalidArgument with a sentence where a piece is no "name=host:port,…", a name stands twice,
  // or neither "*" nor an address without a name says where the rest is.
  static absl::StatusOr<Routes> Parse(std::string_view text);

  // Of "/holdfast.metrics.v1.MetricsService/GetSeries": those of "metrics", else those of "*".
  // Never empty.
  const std::vector<std::string>& Of(std::string_view method) const;
  // Each once.
  std::vector<std::string> All() const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> doors_;
};

}  // namespace holdfast::rpc
