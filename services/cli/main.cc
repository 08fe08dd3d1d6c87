#include "cli/command.h"
#include "cli/parser.h"

int main(int argc, char** argv) {
  return holdfast::cli::Run(argc, argv, holdfast::cli::AllCommands());
}
