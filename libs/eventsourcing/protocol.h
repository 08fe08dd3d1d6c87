// The promises of writers and readers, one switch each. Production keeps all of them: the defaults.
// The simulation takes one away at a time, to show that its history checker would notice.
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
  // How far a reactor has read is kept once all of that is answered; else at any time.
  bool cursor_behind_answers = true;

  // Of a move. A tenant is opened once it is closed where it was, and all of it is here; else as
  // soon as all that stood when it was read is here.
  bool open_after_closing = true;
  // A command is sent to where the tenant stands now; else always to where its name puts it.
  bool follow_moves = true;

  // Of a projector. Rows, and how far their view has come, are written together; else the latter
  // first.
  bool mark_with_rows = true;
  // A view takes only the commit behind its last one; else whatever is folded, again too.
  bool each_commit_once = true;
  // It goes on from its saved place only where no view is behind that; else from there anyhow.
  bool no_view_behind_fold = true;
  // A read says the position of the rows that it shows; else how far has been folded since.
  bool position_of_rows = true;
  // Rows that were written for another tenant are not opened; else they are.
  bool own_rows_only = true;
};

}  // namespace holdfast::eventsourcing
