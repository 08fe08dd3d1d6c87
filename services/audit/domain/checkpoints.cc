#include "audit/domain/checkpoints.h"

#include <algorithm>

namespace holdfast::audit {

Checkpoints::Decision Checkpoints::Decide(const State& now, const v1::PublishCheckpoint& command,
                                          const DecisionContext&) {
  if (command.size() == now.size() && command.root() == now.root()) return {};
  if (command.size() <= now.size()) return Refuse(Refusal::NOT_GROWN, "size");
  v1::CheckpointSigned event;
  event.set_size(command.size());
  event.set_root(command.root());
  event.set_note(command.note());
  return event;
}

Checkpoints::Decision Checkpoints::Decide(const State& now, const v1::RecordCosignature& command,
                                          const DecisionContext&) {
  if (command.size() != now.size()) return Refuse(Refusal::NOT_THE_LAST, "size");
  if (std::ranges::find(now.witnesses(), command.witness()) != now.witnesses().end()) return {};
  v1::CheckpointCosigned event;
  event.set_size(command.size());
  event.set_witness(command.witness());
  event.set_line(command.line());
  return event;
}

void Checkpoints::Evolve(State& state, const v1::CheckpointSigned& event) {
  state.set_size(event.size());
  state.set_root(event.root());
  state.clear_witnesses();
}

void Checkpoints::Evolve(State& state, const v1::CheckpointCosigned& event) {
  state.add_witnesses(event.witness());
}

}  // namespace holdfast::audit
