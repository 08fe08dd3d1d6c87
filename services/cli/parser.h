// From a command line to one call of a command, by the table of commands.
#pragma once

#include "cli/command.h"

namespace holdfast::cli {

// Parses, runs, prints errors on stderr; the exit code of exit_code.h. `dry` parses only, and
// answers as if the command had done nothing: for the test of the examples.
int Run(int argc, const char* const* argv, const Commands& commands, bool dry = false);

}  // namespace holdfast::cli
