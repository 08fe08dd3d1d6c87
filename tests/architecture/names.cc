#include "names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace holdfast::architecture {
namespace {

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

bool EndsWithAny(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [path](std::string_view end) { return path.ends_with(end); });
}

bool IsSource(std::string_view path) {
  return IsCpp(path) || path == "dev" ||
         EndsWithAny(path,
                     {".proto", ".ts", ".tsx", ".mjs", ".js", ".css", ".cmake", ".sh", ".py"});
}

// Words that name no thing. Compared with the words of a file's name: "site_manager.cc" holds one,
// "commonwealth.h" none.
void CheckName(const SourceFile& file, Faults& faults) {
  static constexpr std::array<std::string_view, 7> kEmpty = {
      "util", "utils", "helper", "helpers", "common", "manager", "misc"};
  std::string word;
  for (const char c : absl::StrCat(Absl(FileName(file.path)), ".")) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
      continue;
    }
    if (std::find(kEmpty.begin(), kEmpty.end(), word) != kEmpty.end()) {
      faults.push_back(
          {file.path, absl::StrCat("`", word, "` says nothing: name it for the one thing inside")});
    }
    word.clear();
  }
}

// Written in two pieces, so that this file does not hold what it looks for.
struct Trace {
  std::string text;
  std::string_view what;
};

const std::vector<Trace>& Traces() {
  static const std::vector<Trace> traces = {
      {absl::StrCat("/ho", "me/"), "a path of the builder's machine"},
      {absl::StrCat("/ro", "ot/"), "a path of the builder's machine"},
      {absl::StrCat("/wo", "rk/"), "a path of the builder's machine"},
      {absl::StrCat("/Us", "ers/"), "a path of the builder's machine"},
      {absl::StrCat("/tm", "p/"), "a path of the builder's machine (tests write in TempDir)"},
      {absl::StrCat("registry.np", "mjs.org"), "a host of a package registry"},
      {absl::StrCat("py", "pi.org"), "a host of a package registry"},
      {absl::StrCat("pythonho", "sted.org"), "a host of a package registry"},
      {absl::StrCat("proxy.gol", "ang.org"), "a host of a package registry"},
      {absl::StrCat("repo.maven.ap", "ache.org"), "a host of a package registry"},
      {absl::StrCat("deb.deb", "ian.org"), "a host of a package registry"},
  };
  return traces;
}

// A path begins where no word goes before it: "src/work/x" is none.
bool Holds(std::string_view line, std::string_view trace) {
  for (std::size_t at = line.find(trace); at != std::string_view::npos;
       at = line.find(trace, at + 1)) {
    if (trace.front() != '/' || at == 0) return true;
    const char before = line[at - 1];
    if (std::isalnum(static_cast<unsigned char>(before)) == 0 &&
        std::string_view("./-_}*$)>~").find(before) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool IsUnownedPromise(std::string_view line) {
  for (const std::string& mark :
       {absl::StrCat("TO", "DO"), absl::StrCat("FIX", "ME"), absl::StrCat("XX", "X:")}) {
    const std::size_t at = line.find(mark);
    if (at == std::string_view::npos) continue;
    const bool whole = at == 0 || std::isalnum(static_cast<unsigned char>(line[at - 1])) == 0;
    const std::string_view after = line.substr(at + mark.size());
    const bool owned = after.starts_with("(") && !after.starts_with("()");
    const bool longer =
        !after.empty() && std::isalnum(static_cast<unsigned char>(after.front())) != 0;
    if (whole && !owned && !longer) return true;
  }
  return false;
}

bool Sleeps(std::string_view line) {
  const std::string this_thread = absl::StrCat("this_thread::sle", "ep_");
  const std::string absl_sleep = absl::StrCat("absl::Sle", "epFor");
  return line.find(this_thread) != std::string_view::npos ||
         line.find(absl_sleep) != std::string_view::npos;
}

void CheckLine(const SourceFile& file, std::string_view line, const std::string& where,
               Faults& faults) {
  for (const Trace& trace : Traces()) {
    if (Holds(line, trace.text)) {
      faults.push_back({where, absl::StrCat("holds ", Absl(trace.what))});
    }
  }
  if (IsSource(file.path) && IsUnownedPromise(line)) {
    faults.push_back({where, "promises without an owner: do it, or name who will"});
  }
  if (IsTestCode(file.path) && Sleeps(line)) {
    faults.push_back({where, "sleeps: wait for what is meant, or use virtual time"});
  }
}

void CheckLines(const SourceFile& file, Faults& faults) {
  int number = 0;
  for (const absl::string_view view : absl::StrSplit(file.text, '\n')) {
    ++number;
    CheckLine(file, {view.data(), view.size()}, absl::StrCat(file.path, ":", number), faults);
  }
  // The last line of a file ends it and begins none.
  if (!file.text.empty() && file.text.back() == '\n') --number;
  if (IsSource(file.path) && number > kMaxLines) {
    faults.push_back({file.path, absl::StrCat("has ", number, " lines, more than ", kMaxLines)});
  }
}

void CheckHeader(const SourceFile& file, Faults& faults) {
  if (!file.path.ends_with(".h")) return;
  if (file.text.find("#pragma once") == std::string::npos)
    faults.push_back({file.path, "has no #pragma once"});
  if (!file.text.starts_with("//")) {
    faults.push_back({file.path, "does not open with what it is, in one sentence"});
  }
}

void CheckServices(const SourceTree& tree, Faults& faults) {
  for (const SourceFile& file : tree.files) {
    const std::vector<std::string> names = absl::StrSplit(file.path, '/');
    if (names.size() != 3 || names[0] != "services" || names[2] != "CMakeLists.txt") continue;
    // Rules alone, which a service will use, are none yet.
    const bool rules_alone = !absl::StrContains(file.text, "holdfast_library(") &&
                             !absl::StrContains(file.text, "holdfast_service(");
    for (const char* furniture : {"README.md", "main.cc"}) {
      if (rules_alone && furniture == std::string_view("main.cc")) continue;
      const std::string wanted = absl::StrCat("services/", names[1], "/", furniture);
      if (!tree.Has(wanted)) faults.push_back({wanted, "is missing: every service has it"});
    }
  }
}

}  // namespace

Faults CheckNames(const SourceTree& tree) {
  Faults faults;
  for (const SourceFile& file : tree.files) {
    CheckName(file, faults);
    CheckLines(file, faults);
    CheckHeader(file, faults);
  }
  CheckServices(tree, faults);
  return faults;
}

}  // namespace holdfast::architecture
