#include "app/contexts.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/thread_executor.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/context_store.h"
#include "eventsourcing/leasing_sink.h"
#include "eventsourcing/sealer.h"
#include "eventsourcing/upcaster.h"

namespace holdfast::app {
namespace {

using eventsourcing::ContextStore;

eventsourcing::Quota QuotaOf(const config::v1::Quota& config) {
  return {static_cast<double>(config.cost_per_second()),
          static_cast<double>(config.burst() == 0 ? config.cost_per_second() : config.burst())};
}

class RunningContexts final : public Contexts {
 public:
  absl::Status Open(Parts parts) {
    std::error_code error;
    std::filesystem::create_directories(parts.folder, error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("the folder ", parts.folder, " cannot be made: ", error.message()));
    }
    ASSIGN_OR_RETURN(mac_keys_, eventsourcing::FileMacKeys::Open(parts.mac_key, *parts.random));
    if (parts.key_vault != nullptr) {
      sealer_ = std::make_unique<eventsourcing::KeySealer>(*parts.clock, *parts.random);
      personal_mac_keys_ =
          std::make_unique<eventsourcing::VaultMacKeys>(*parts.key_vault, *mac_keys_);
      leasing_ = std::make_unique<ThreadExecutor>("leasing");
    }
    for (ContextParts& context : parts.contexts) {
      ASSIGN_OR_RETURN(std::unique_ptr<ContextStore> store,
                       ContextStore::Open(OptionsOf(parts, context)));
      if (parts.key_vault != nullptr) {
        sinks_.emplace(
            context.name,
            std::make_unique<eventsourcing::LeasingSink>(eventsourcing::LeasingSink::Parts{
                store.get(), context.name, parts.key_vault, parts.clock, leasing_.get()}));
      }
      stores_.emplace(context.name, std::move(store));
    }
    return EachStore(
        [](ContextStore& store) { return store.AwaitServing(absl::InfiniteFuture()); });
  }

  eventsourcing::CommandSink* Find(const std::string& context) override {
    if (const auto sink = sinks_.find(context); sink != sinks_.end()) return sink->second.get();
    return StoreOf(context);
  }
  ContextStore* StoreOf(const std::string& context) override {
    const auto found = stores_.find(context);
    return found == stores_.end() ? nullptr : found->second.get();
  }
  absl::Status Live() const override {
    return EachStore([](const ContextStore& store) { return store.Live(); });
  }
  absl::Status Ready() const override {
    return EachStore([](const ContextStore& store) { return store.Ready(); });
  }
  void Drain(absl::Time deadline) override {
    for (auto& [name, store] : stores_) store->Drain(deadline);
  }

 private:
  eventsourcing::ContextStoreOptions OptionsOf(const Parts& parts, ContextParts& context) {
    eventsourcing::ContextStoreOptions options;
    options.context = context.name;
    options.streams = std::move(context.streams);
    options.reactors = std::move(context.reactors);
    options.journal = parts.journal;
    options.clock = parts.clock;
    options.random = parts.random;
    options.mac_keys = personal_mac_keys_ == nullptr ? mac_keys_.get() : personal_mac_keys_.get();
    options.sealer = sealer_.get();
    options.upcasters = parts.upcasters == nullptr ? &no_upcasters_ : parts.upcasters;
    options.heartbeats = parts.heartbeats;
    options.reader_lag = parts.reader_lag;
    options.folder = absl::StrCat(parts.folder, "/", context.name);
    options.limits.per_tenant = parts.actor.max_queue_per_tenant();
    options.limits.per_partition = parts.actor.max_queue_per_partition();
    options.limits.quota = QuotaOf(parts.actor.quota());
    for (const auto& [tenant, quota] : parts.quotas)
      options.limits.quotas.emplace(tenant, QuotaOf(quota));
    if (parts.quota_of) {
      options.limits.quota_of =
          [ask = parts.quota_of](const std::string& tenant) -> std::optional<eventsourcing::Quota> {
        const std::optional<config::v1::Quota> said = ask(tenant);
        if (!said) return std::nullopt;
        return QuotaOf(*said);
      };
    }
    options.append_timeout = absl::Milliseconds(parts.actor.append_timeout_ms());
    options.cached_states = parts.actor.state_cache_entries();
    return options;
  }

  template <class Ask>
  absl::Status EachStore(Ask ask) const {
    for (const auto& [name, store] : stores_) RETURN_IF_ERROR(ask(*store));
    return absl::OkStatus();
  }

  std::unique_ptr<eventsourcing::Sealer> sealer_ = std::make_unique<eventsourcing::NoSealer>();
  const eventsourcing::Upcasters no_upcasters_{};
  std::unique_ptr<eventsourcing::MacKeys> mac_keys_;
  std::unique_ptr<eventsourcing::MacKeys> personal_mac_keys_;  // where there is a keyvault
  std::map<std::string, std::unique_ptr<ContextStore>> stores_;
  std::map<std::string, std::unique_ptr<eventsourcing::LeasingSink>> sinks_;
  std::unique_ptr<ThreadExecutor> leasing_;  // ends before what its work uses
};

}  // namespace

absl::StatusOr<std::unique_ptr<Contexts>> Contexts::Open(Parts parts) {
  auto contexts = std::make_unique<RunningContexts>();
  RETURN_IF_ERROR(contexts->Open(std::move(parts)));
  return std::unique_ptr<Contexts>(std::move(contexts));
}

}  // namespace holdfast::app
