// A command of `holdfast` as a person types it, run in this process: its exit code and what it
// printed.
#pragma once

#include <string>
#include <vector>

namespace holdfast::flow {

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

// `words` without the program's name. Not from two threads at once: the standard streams are
// redirected meanwhile.
Said RunCommand(const std::vector<std::string>& words);

// A line that somebody would paste into a POSIX shell, taken apart: blanks and single quotes.
std::vector<std::string> ShellWords(const std::string& line);

}  // namespace holdfast::flow
