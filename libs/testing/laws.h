// What holds for every decider, tried on random histories from a seed:
//
//   asked twice     a command that was accepted, asked again at once, changes nothing more: it is
//                   already so, or refused
//   decided alike   the same state and command give the same events, byte for byte
//   stored alike    the state folded from events that were written and read again is the same
//   timers end      a timer that fires brings about something, and is not due any more
//
// A failure names the seed, and prints the history that led there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include <google/protobuf/message.h>

#include "absl/time/time.h"
#include "base/random.h"
#include "eventsourcing/stream_type.h"
#include "testing/scenario.h"

namespace holdfast::testing {

struct LawOptions {
  std::uint64_t seed = 1;
  int histories = 200;
  int commands = 30;  // of each history
  absl::Time now = kSomeday;
  // The other streams that rules read; null: there are none.
  const Neighbours* neighbours = nullptr;
};

namespace internal {
using AnyCommand = std::function<std::unique_ptr<google::protobuf::Message>(Random&)>;
void CheckLaws(const eventsourcing::StreamType& type, const AnyCommand& any,
               const LawOptions& options);
}  // namespace internal

template <Decider D>
void CheckDeciderLaws(const std::function<typename D::Command(Random&)>& any_command,
                      const LawOptions& options = {}) {
  internal::CheckLaws(
      eventsourcing::StreamTypeOf<D>(),
      [&any_command](Random& random) {
        return std::visit(
            []<class C>(C&& command) -> std::unique_ptr<google::protobuf::Message> {
              return std::make_unique<std::remove_cvref_t<C>>(std::forward<C>(command));
            },
            any_command(random));
      },
      options);
}

}  // namespace holdfast::testing
