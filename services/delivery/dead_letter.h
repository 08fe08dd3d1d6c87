// A record that was refused, as it stands in the dead-letter topic: its own bytes, key and headers,
// and why, and from where.
//
//   holdfast-dlq-reason     WRONG_STATE, FIELD_INVALID, NOT_A_CLOUD_EVENT …
//   holdfast-dlq-field      the first bad field, where there is one; -rule: what it must be
//   holdfast-dlq-sentence   what happened and what to do
//   holdfast-dlq-topic, -partition, -offset   where the record stood
//
// On the wire.
#pragma once

#include "absl/status/status.h"
#include "journal/topic_client.h"

namespace holdfast::delivery {

// `why` is not OK. Headers of an earlier refusal give way to this one's.
journal::TopicRecord DeadLetterOf(const journal::ReceivedRecord& refused, const absl::Status& why);

}  // namespace holdfast::delivery
