// A whole platform in this process with the tool shed as its only service: the door, one context,
// one view. Reached over a real socket of 127.0.0.1.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace holdfast::app {
class InProcess;
}

namespace holdfast::bench {

inline constexpr char kEnrol[] = "/holdfast.testing.v1.ShedService/EnrolMember";
inline constexpr char kRegister[] = "/holdfast.testing.v1.ShedService/RegisterTool";
inline constexpr char kExecuteBatch[] = "/holdfast.testing.v1.ShedService/ExecuteBatch";
inline constexpr char kExecuteStream[] = "/holdfast.testing.v1.ShedService/ExecuteStream";
inline constexpr char kListMembers[] = "/holdfast.testing.v1.ShedService/ListMembers";

class ShedPlatform {
 public:
  static absl::StatusOr<std::unique_ptr<ShedPlatform>> Start(const std::string& folder);
  ~ShedPlatform();

  std::string address() const;  // "127.0.0.1:40123"
  // Of a person who may do all this; lives 15 minutes.
  std::string Token() const;

 private:
  explicit ShedPlatform(std::unique_ptr<app::InProcess> platform);
  const std::unique_ptr<app::InProcess> platform_;
};

}  // namespace holdfast::bench
