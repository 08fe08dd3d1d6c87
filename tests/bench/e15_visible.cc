// E15: from the receipt of a command to a board that shows it, through the processes of a
// deployment, beside what cannot be less: the projector's pace and a call that only answers.
#include <functional>
#include <memory>
#include <string>

#include "holdfast/board/v1/board.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "deployment.h"
#include "echo_server.h"
#include "kafka_house.h"
#include "rpc_load.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr char kOf[] = "westmoor";
// At most so often a projector writes (libs/readmodel/read_model.cc).
constexpr absl::Duration kFlushPace = absl::Milliseconds(2);

Row VisibleRow() {
  Row row;
  row.path = "p99 from receipt to board, through a deployment";
  row.unit = "ms";
  row.sense = Sense::kAtMost;
  return row;
}

// p99 in milliseconds of what `once` took, one after the other.
absl::StatusOr<double> P99(absl::Duration duration,
                           const std::function<absl::StatusOr<absl::Duration>()>& once) {
  Histogram latency;
  for (const absl::Time until = absl::Now() + duration; absl::Now() < until;) {
    ASSIGN_OR_RETURN(const absl::Duration took, once());
    latency.Add(took);
  }
  return absl::ToDoubleMilliseconds(latency.Percentile(0.99));
}

class Boards {
 public:
  Boards(const std::string& address, std::string token)
      : client_(NewConnection(address), [token = std::move(token)] { return token; }) {}

  // How long the first line of the board took, not before the position is shown.
  absl::StatusOr<absl::Duration> Read(const type::v1::Receipt& receipt) {
    board::v1::ListSiteBoardsRequest request;
    request.set_page_size(1);
    if (receipt.has_position()) *request.mutable_read()->add_min_position() = receipt.position();
    const absl::Time began = absl::Now();
    RETURN_IF_ERROR(client_.Call(kListSiteBoards, request, answer_));
    return absl::Now() - began;
  }
  const board::v1::ListSiteBoardsResponse& answer() const { return answer_; }

 private:
  rpc::Client client_;
  board::v1::ListSiteBoardsResponse answer_;
};

absl::Status Measured(Bench& bench, KafkaHouse& house) {
  const absl::Duration slice = bench.settings().slice;
  ASSIGN_OR_RETURN(const std::unique_ptr<Deployment> deployment,
                   Deployment::Start(bench, house, {}));
  ASSIGN_OR_RETURN(const std::size_t owner, deployment->OwnerOf(kOf));
  ASSIGN_OR_RETURN(const std::string token, deployment->Token(kOf));
  Boards boards(deployment->projection_address(), token);
  const auto created = [&]() -> absl::StatusOr<absl::Duration> {
    ASSIGN_OR_RETURN(const type::v1::Receipt receipt, deployment->CreateSite(owner, kOf));
    return boards.Read(receipt);
  };
  RETURN_IF_ERROR(created().status());
  ASSIGN_OR_RETURN(
      const std::unique_ptr<EchoServer> echo,
      EchoServer::Start(kListSiteBoards, board::v1::ListSiteBoardsRequest(), boards.answer()));
  Boards echoes(echo->address(), token);
  const Measure limit = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const double p99, P99(slice, [&] { return echoes.Read({}); }));
    return absl::ToDoubleMilliseconds(kFlushPace) + p99;
  };
  Row row = VisibleRow();
  row.durability = house.durability();
  row.note = "one after the other; the read waits for the receipt's position";
  return bench.Compare(row, [&] { return P99(slice, created); },
                       {{"the projector's pace (2 ms) and an echo of the board", 2, limit}});
}

}  // namespace

absl::Status E15(Bench& bench) {
  return WithBroker(bench, 1, VisibleRow(),
                    [&](KafkaHouse& house) { return Measured(bench, house); });
}

}  // namespace holdfast::bench
