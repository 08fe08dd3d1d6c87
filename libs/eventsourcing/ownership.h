// Who may write a partition, and how sure of it the holder is. One machine: always this process.
// In a deployment: heartbeats on the control topic (heartbeats.h).
#pragma once

#include <string>

#include "journal/acceptance.h"

namespace holdfast::eventsourcing {

enum class Role { kFollower, kOwner };

// Asked on the actor's executor.
class Ownership {
 public:
  virtual ~Ownership() = default;
  // May a barrier be written over this holder (epoch 0: there is none)? Safety never depends on it:
  // a wrong yes costs one step-down.
  virtual bool MayTakeOver(const journal::WriterId& holder) = 0;
  // May an answer be given that no append proves? A process that slept may have been replaced. Once
  // false, it is true again only after MayTakeOver said yes, whatever heartbeat comes back late. An
  // actor that saw it false stays unsure until it has read a barrier back that it wrote since
  // (docs/decisions/0011).
  virtual bool Sure() = 0;
  // Told when the role changes.
  virtual void Became(Role role, const journal::WriterId& self) = 0;
  // Where commands of the holder's partition are taken, "host:port"; empty where nobody knows.
  virtual std::string AddressOf(const journal::WriterId&) { return ""; }
};

// The lock file of the embedded journal keeps every other process out.
class SoleOwner final : public Ownership {
 public:
  bool MayTakeOver(const journal::WriterId&) override { return true; }
  bool Sure() override { return true; }
  void Became(Role, const journal::WriterId&) override {}
};

}  // namespace holdfast::eventsourcing
