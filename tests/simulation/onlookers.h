// Those who look at the boards: each asks one node for one view of one tenant, again and again, and
// notes what it was shown. Some ask for the present, some to see at least a position, some for the
// past.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/type/v1/type.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "history.h"
#include "node.h"
#include "readmodel/reader.h"
#include "shed_views.h"
#include "testing/virtual_time.h"

namespace holdfast::simulation {

class Onlookers {
 public:
  struct Parts {
    testing::VirtualTime* time = nullptr;
    Random* random = nullptr;
    std::vector<std::unique_ptr<Node>>* nodes = nullptr;
    History* history = nullptr;
    // How far accepted history goes for the tenant.
    std::function<std::uint64_t(const TenantOf&)> accepted_seq;
  };
  Onlookers(Parts parts, int count);

  // They look no more.
  void Leave() { gone_ = true; }
  // Every node is asked for everything, at once.
  void LookAtAll();

 private:
  // One look, from asking to the last row.
  struct Look {
    const ShedView* view = nullptr;
    std::uint64_t opening = 0;  // of the node's views
    type::v1::ReadOptions asked;
    SeenRows seen;
    std::unique_ptr<readmodel::Reader> reader;
  };

  void Next();
  void Ask(std::shared_ptr<Look> look);
  void Opened(const std::shared_ptr<Look>& look,
              absl::StatusOr<std::unique_ptr<readmodel::Reader>> reader);
  void Scan(Look& look);
  void ChooseMoment(Look& look);
  bool Lives(const Look& look) const;
  void Complain(const Look& look, const absl::Status& status);
  absl::Duration Within(absl::Duration most);

  const Parts parts_;
  std::unique_ptr<Executor> executor_;
  bool gone_ = false;
};

}  // namespace holdfast::simulation
