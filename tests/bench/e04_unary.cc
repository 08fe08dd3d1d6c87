// E4: a command from a client's call to the receipt in its hands: token, tenant, role, deadline,
// fields, decision, fsync; beside a server that only parses and answers.
#include <memory>

#include "holdfast/testing/v1/shed.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench.h"
#include "echo_server.h"
#include "enrolments.h"
#include "scenarios.h"
#include "shed_platform.h"

namespace holdfast::bench {
namespace {

type::v1::Receipt SampleReceipt() {
  type::v1::Receipt receipt;
  receipt.set_stream("member/m-1234567");
  receipt.set_version(1);
  receipt.mutable_position()->set_context("testing");
  receipt.mutable_position()->set_seq(1'234'567);
  return receipt;
}

}  // namespace

absl::Status E4(Bench& bench) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ShedPlatform> platform,
                   ShedPlatform::Start(bench.Folder("e4")));
  const testing::v1::EnrolMember request;
  ASSIGN_OR_RETURN(const std::unique_ptr<EchoServer> echo,
                   EchoServer::Start(kEnrol, request, SampleReceipt()));
  // The same bytes on the wire, the token among them.
  Enrolments to_us(platform->address(), platform->Token());
  Enrolments to_echo(echo->address(), platform->Token());
  double cores = 0;
  double echo_cores = 0;
  const auto rate = [&bench](Enrolments& calls, double& busy) -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, calls.Run(bench.settings().slice));
    busy = result.cores;
    return result.PerSecond();
  };
  RETURN_IF_ERROR(rate(to_us, cores).status());
  RETURN_IF_ERROR(rate(to_echo, echo_cores).status());
  Row row;
  row.path = "unary gRPC command, door to receipt, 64 in flight";
  row.unit = "calls/s";
  row.durability = "fsync before answer";
  row.note = absl::StrCat("client and server in one process: ", Figure(cores),
                          " cores busy, with the echo ", Figure(echo_cores));
  return bench.Compare(
      row, [&] { return rate(to_us, cores); },
      {{"echo server, same message and API", 0.55, [&] { return rate(to_echo, echo_cores); }}});
}

}  // namespace holdfast::bench
