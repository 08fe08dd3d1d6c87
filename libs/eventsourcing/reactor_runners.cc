#include "eventsourcing/reactor_runners.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/hex.h"

namespace holdfast::eventsourcing {
namespace {

// Short, and of the same set always the same; empty where nobody came.
std::string NameOf(const std::vector<TenantArrival>& arrivals) {
  if (arrivals.empty()) return "";
  Sha256 sha256;
  for (const TenantArrival& arrival : arrivals)
    sha256.Update(absl::StrCat(arrival.tenant, " ", arrival.closings, "\n"));
  return ToHex(AsBytes(sha256.Finish()).substr(0, 8));
}

}  // namespace

void ReactorRunners::Look() {
  const std::set<Key> wanted = Wanted();
  for (auto runner = running_.begin(); runner != running_.end();) {
    if (wanted.contains(runner->first)) {
      ++runner;
      continue;
    }
    runner->second->Stop();
    runner = running_.erase(runner);
  }
  for (const Key& key : wanted) {
    if (!running_.contains(key)) running_.emplace(key, Start(key));
  }
}

void ReactorRunners::Stop() {
  for (auto& [key, runner] : running_) runner->Stop();
}

std::set<ReactorRunners::Key> ReactorRunners::Wanted() const {
  std::set<Key> wanted;
  for (const auto& [context, source] : options_.sources) {
    if (options_.shared) {
      for (std::uint32_t target = 0; target < options_.partitions; ++target) {
        if (options_.serves(target)) AddWanted(context, target, wanted);
      }
    } else {
      for (std::uint32_t i = 0; i < source.partitions; ++i) wanted.insert({{context, i}, 0, {}});
    }
  }
  return wanted;
}

void ReactorRunners::AddWanted(const std::string& source, std::uint32_t target,
                               std::set<Key>& wanted) const {
  const std::vector<TenantArrival> arrivals = options_.places->ArrivedIn(target);
  wanted.insert({{source, target}, target, arrivals});
  for (const TenantArrival& arrival : arrivals)
    wanted.insert({{source, arrival.home}, target, arrivals});
  for (const auto& [key, runner] : running_) {
    if (key.source.context != source || key.target != target || key.arrivals != arrivals) continue;
    for (const std::uint32_t on : runner->leads()) wanted.insert({{source, on}, target, arrivals});
  }
}

std::unique_ptr<ReactorRunner> ReactorRunners::Start(const Key& key) const {
  ReactorRunnerOptions options = options_.each;
  options.source = key.source;
  options.reactors = options_.sources.at(key.source.context).reactors;
  if (options_.shared) {
    options.carries = CarriedBy(key);
    const bool plain = key.source.partition == key.target && key.arrivals.empty();
    if (!plain) options.cursor_of = absl::StrCat("/", key.target, "/", NameOf(key.arrivals));
  }
  auto runner = std::make_unique<ReactorRunner>(std::move(options));
  runner->Start();
  return runner;
}

// Those who never moved, and those who had come when it began, and stay.
std::function<bool(const std::string&)> ReactorRunners::CarriedBy(const Key& key) const {
  std::set<std::pair<std::string, std::uint32_t>> arrived;
  for (const TenantArrival& arrival : key.arrivals)
    arrived.emplace(arrival.tenant, arrival.closings);
  return [places = options_.places, target = key.target,
          arrived = std::move(arrived)](const std::string& tenant) {
    const std::optional<TenantStand> stand = places->StandIn(target, tenant);
    if (!stand) return places->HomeOf(tenant) == target;
    return stand->open && arrived.contains({tenant, stand->closings});
  };
}

}  // namespace holdfast::eventsourcing
