// What a command of `holdfast` is: its words, what it takes, an example, and a function. Parsing,
// help and completion are made from this table; no command knows how arguments are parsed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace holdfast::cli {

class Invocation;

struct Option {
  std::string name;   // "--area"
  std::string value;  // what stands behind it: "CODE"; empty for a flag
  std::string help;
  bool required = false;
  bool repeated = false;  // may be given several times, and several values joined by commas
};

struct Positional {
  std::string name;  // "SITE"
  std::string help;
  bool required = true;
  bool repeated = false;
};

struct Command {
  std::string words;  // "measure series"
  std::string summary;
  std::vector<Positional> positionals;
  std::vector<Option> options;
  std::string example;  // a whole command line; a test runs it through the parser
  std::function<absl::Status(Invocation&)> run;
  // Taken where the word after the group's is none of its own: "statistics METHOD" is "statistics
  // evaluate METHOD".
  bool otherwise = false;
};

using Commands = std::vector<Command>;

// One function for each group of words; `AllCommands` joins them in the order of the help.
Commands AgencyCommands();
Commands MemberCommands();
Commands AgreementCommands();
Commands ClientCommands();
Commands OperatorCommands();
Commands SessionCommands();
Commands GeographyCommands();
Commands ReferenceCommands();
Commands ImportCommands();
Commands MeasureCommands();
Commands SiteCommands();
Commands GateCommands();
Commands PhaseCommands();
Commands BaselineCommands();
Commands BoardCommands();
Commands StatisticsCommands();
Commands OperationsCommands();
Commands TenantCommands();
Commands BackupCommands();
Commands AuditCommands();
Commands KafkaCommands();
Commands CapacityCommands();
Commands DemoCommands();

Commands AllCommands();

}  // namespace holdfast::cli
