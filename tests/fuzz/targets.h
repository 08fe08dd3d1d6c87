// What is fed rubbish: every parser that bytes of strangers reach, by name.
//
// A target is given any bytes at all and ends the process where a promise of its parser is broken;
// what it may find besides, the sanitizers say.
#pragma once

#include <span>
#include <string_view>

namespace holdfast::fuzz {

struct Target {
  std::string_view name;  // "csv": the program is csv_fuzz, its seeds stand in corpus/csv_fuzz/
  void (*run)(std::string_view bytes);
};

std::span<const Target> Targets();

// Those that no room brings along.

// A signed note of the audit log, and a bundle of it.
void Audit(std::string_view bytes);
// A record of an inbound topic: headers as "name: value", one a line, then its value.
void CloudEvent(std::string_view bytes);
// A Connect call: its path and query in the first line, then the body.
void Connect(std::string_view bytes);
// What an issuer publishes: its keys, or its discovery document.
void KeySet(std::string_view bytes);
// A message as the door reads it: parsed, its fields checked, its faults named.
void Fields(std::string_view bytes);
// What comes with a call: "key: value", one a line.
void Metadata(std::string_view bytes);
// A question for the policy, and two labels, which are joined.
void Policy(std::string_view bytes);
// A path and a query of the page's server, with their escapes.
void Query(std::string_view bytes);
// A bearer token: as it is; and, from "header\nclaims", well signed.
void Token(std::string_view bytes);

}  // namespace holdfast::fuzz
