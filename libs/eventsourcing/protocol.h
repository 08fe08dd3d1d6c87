// The promises of the writer, one switch each. Production keeps all of them: the defaults. The
// simulation takes one away at a time, to show that its history checker would notice.
#pragma once

#include <cstdint>

namespace holdfast::eventsourcing {

// What a record must fulfil to count.
enum class FoldRule : std::uint8_t {
  kWhole,         // current writer, and the tenant's chain
  kAnything,      // neither writer nor chain
  kNumbers,       // the version of its stream follows, whoever wrote it
  kStreamsAlone,  // current writer, and the version of its stream follows: no chain of the tenant
};

struct Protocol {
  FoldRule fold = FoldRule::kWhole;
  // An accepted command is answered when the fold has accepted it; else already when it is handed
  // to the journal.
  bool answer_after_fold = true;
  // ... and only after the records before it were read; else the confirmation alone is believed.
  bool read_before_gap = true;
  // A command that was accepted before is answered with its first receipt; else decided again.
  bool dedupe = true;
  // A refusal waits until the history that it was decided on is accepted.
  bool refuse_on_accepted = true;
  // A foreign barrier ends the writer; else it goes on.
  bool step_down = true;
  // After a foreign barrier one follows, until the holder is late; else one writes the next barrier
  // at once.
  bool follow_after_barrier = true;
  // Commands are taken after the own barrier was read back; else as soon as it was sent.
  bool catch_up_before_serving = true;
  // Only an owner that is sure of it answers; else anyone who folds the log.
  bool only_owner_answers = true;
  // Void records change nothing; else they are applied like the others.
  bool skip_void = true;
  // States and the offset up to which they are folded are written together; else the offset first.
  bool offset_with_states = true;
  // A timer's command id is of its occasion (version and time); else of its stream and kind.
  bool timer_id_of_occasion = true;
  // How far a reactor has worked is rebuilt from the journal; else only kept in the state store.
  bool marks_from_journal = true;
  // A rule reads other streams with what is in flight for them; else as they were accepted.
  bool read_neighbours_in_flight = true;
};

}  // namespace holdfast::eventsourcing
