#include "command_line.h"

#include <cstdio>
#include <memory>

#include <unistd.h>

#include "cli/command.h"
#include "cli/parser.h"

namespace holdfast::flow {
namespace {

// Sends a stream into a file until it is asked what came.
class Redirected {
 public:
  explicit Redirected(std::FILE* stream)
      : stream_(stream), file_(std::tmpfile(), &std::fclose), kept_(dup(fileno(stream))) {
    std::fflush(stream_);
    dup2(fileno(file_.get()), fileno(stream_));
  }
  ~Redirected() {
    if (kept_ >= 0) Restore();
  }
  std::string Take() {
    Restore();
    std::string text;
    std::rewind(file_.get());
    char piece[4096];
    for (std::size_t read = 0; (read = std::fread(piece, 1, sizeof piece, file_.get())) > 0;) {
      text.append(piece, read);
    }
    return text;
  }

 private:
  void Restore() {
    std::fflush(stream_);
    dup2(kept_, fileno(stream_));
    close(kept_);
    kept_ = -1;
  }

  std::FILE* const stream_;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  int kept_;
};

}  // namespace

Said RunCommand(const std::vector<std::string>& words) {
  std::vector<const char*> argv = {"holdfast"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  Redirected out(stdout);
  Redirected err(stderr);
  Said said;
  said.code = cli::Run(static_cast<int>(argv.size()), argv.data(), cli::AllCommands());
  said.err = err.Take();
  said.out = out.Take();
  return said;
}

std::vector<std::string> ShellWords(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool begun = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      begun = true;
    } else if (c == ' ' && !quoted) {
      if (begun) words.push_back(word);
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

}  // namespace holdfast::flow
