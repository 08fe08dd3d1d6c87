// One golden example: a message that is on disk for ever, as text that people read and as the bytes
// that stand in a journal. Files are added, never edited.
//
//   # holdfast.initiative.v1.SiteCreated
//   name: "name"
//   ---
//   0a046e616d65
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::golden {

struct Example {
  std::string path;   // below the project's root
  std::string type;   // "holdfast.initiative.v1.SiteCreated"
  std::string text;   // protobuf text format
  std::string bytes;  // as they stand in a journal
};

// kInvalidArgument, naming what is wrong, for a file of another form.
absl::StatusOr<Example> ParseExample(std::string_view path, std::string_view content);
std::string PrintExample(const google::protobuf::Message& message);

// Serialised so that equal messages are equal bytes.
std::string StableBytes(const google::protobuf::Message& message);

}  // namespace holdfast::golden
