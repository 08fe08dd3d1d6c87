// Every event ever written decodes: tests/golden/<context>/<Event>@<n>.golden, one at least for
// each message of each context's events.proto, and together they fill every field.
//
//   golden_test --update   writes the examples that are missing, under the next number; it changes
//   none
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "golden_file.h"
#include "sample.h"

namespace holdfast::golden {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;

const fs::path kGolden = "tests/golden";
const fs::path kProtos = "proto/holdfast";

// The contexts that have events, by their folders: "initiative". The small one of the engine's own
// tests stands in no journal that is kept.
std::vector<std::string> Contexts() {
  std::vector<std::string> contexts;
  for (const fs::directory_entry& entry : fs::directory_iterator(kProtos)) {
    const std::string name = entry.path().filename().string();
    if (name != "testing" && fs::exists(entry.path() / "v1" / "events.proto"))
      contexts.push_back(name);
  }
  std::sort(contexts.begin(), contexts.end());
  return contexts;
}

// Null where the context's protos are not linked into this test.
const pb::FileDescriptor* EventsOf(const std::string& context) {
  return pb::DescriptorPool::generated_pool()->FindFileByName(
      absl::StrCat("holdfast/", context, "/v1/events.proto"));
}

// A message that only gives an enumeration its scope.
bool IsScope(const pb::Descriptor& type) {
  return type.field_count() == 0 && type.enum_type_count() > 0;
}

std::vector<const pb::Descriptor*> Types() {
  std::vector<const pb::Descriptor*> types;
  for (const std::string& context : Contexts()) {
    const pb::FileDescriptor* file = EventsOf(context);
    for (int i = 0; file != nullptr && i < file->message_type_count(); ++i) {
      if (!IsScope(*file->message_type(i))) types.push_back(file->message_type(i));
    }
  }
  return types;
}

std::string ContextOf(const pb::Descriptor& type) {
  const std::string package = type.file()->package();  // "holdfast.<context>.v1"
  const std::size_t from = package.find('.') + 1;
  return package.substr(from, package.rfind('.') - from);
}

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every file, sorted by path.
std::vector<fs::path> Files() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kGolden)) {
    if (entry.path().extension() == ".golden") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The message that the bytes say; null where their type is gone or they do not parse.
std::unique_ptr<pb::Message> Decode(const Example& example) {
  const pb::Descriptor* type =
      pb::DescriptorPool::generated_pool()->FindMessageTypeByName(example.type);
  if (type == nullptr) return nullptr;
  std::unique_ptr<pb::Message> message(
      pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
  return message->ParseFromString(example.bytes) ? std::move(message) : nullptr;
}

// Which fields the examples of each type fill.
std::map<std::string, std::set<std::string>> FilledByExamples() {
  std::map<std::string, std::set<std::string>> filled;
  for (const fs::path& path : Files()) {
    const auto example = ParseExample(path.string(), Read(path));
    if (!example.ok()) continue;
    const auto message = Decode(*example);
    if (message != nullptr) filled[example->type].merge(FieldsIn(*message));
  }
  return filled;
}

std::set<std::string> Missing(const pb::Descriptor& type, const std::set<std::string>& filled) {
  const std::set<std::string> wanted = FieldsOf(type);
  std::set<std::string> missing;
  std::set_difference(wanted.begin(), wanted.end(), filled.begin(), filled.end(),
                      std::inserter(missing, missing.end()));
  return missing;
}

TEST(Golden, KnowsEveryContextThatHasEvents) {
  ASSERT_FALSE(Contexts().empty());
  for (const std::string& context : Contexts())
    EXPECT_NE(EventsOf(context), nullptr) << "link " << context << "_proto into this test";
}

TEST(Golden, EveryEventHasAnExample) {
  const auto filled = FilledByExamples();
  for (const pb::Descriptor* type : Types()) {
    EXPECT_TRUE(filled.contains(type->full_name()))
        << type->full_name() << " has no example: run golden_test --update and commit the file";
  }
}

TEST(Golden, EveryFieldOfAnEventIsInAnExample) {
  const auto filled = FilledByExamples();
  for (const pb::Descriptor* type : Types()) {
    const auto found = filled.find(type->full_name());
    if (found == filled.end()) continue;  // said above
    for (const std::string& path : Missing(*type, found->second)) {
      ADD_FAILURE() << type->full_name() << "." << path
                    << " is in no example: run golden_test --update and commit the file";
    }
  }
}

TEST(Golden, EveryExampleDecodesToWhatItSays) {
  for (const fs::path& path : Files()) {
    SCOPED_TRACE(path.string());
    const auto example = ParseExample(path.string(), Read(path));
    ASSERT_TRUE(example.ok()) << example.status();
    const auto message = Decode(*example);
    if (message == nullptr) {
      ADD_FAILURE() << example->type << " is gone, or its bytes no longer parse";
      continue;
    }
    EXPECT_EQ(message->GetReflection()->GetUnknownFields(*message).field_count(), 0)
        << "a field was removed";
    const std::unique_ptr<pb::Message> said(message->New());
    EXPECT_TRUE(pb::TextFormat::ParseFromString(example->text, said.get()));
    EXPECT_EQ(StableBytes(*said), example->bytes) << "a field has another number or type";
    EXPECT_EQ(StableBytes(*message), example->bytes);
  }
}

TEST(Golden, AFileOfAnotherFormIsNamed) {
  EXPECT_FALSE(ParseExample("a.golden", "").ok());
  EXPECT_FALSE(ParseExample("a.golden", "# type\n").ok());
  EXPECT_FALSE(ParseExample("a.golden", "# type\n---\nabc\n").ok());
  EXPECT_FALSE(ParseExample("a.golden", "# type\n---\nxx\n").ok());
  const auto example = ParseExample("a.golden", "# type\nname: \"a\"\n---\n0a01\n61\n");
  ASSERT_TRUE(example.ok()) << example.status();
  EXPECT_EQ(example->type, "type");
  EXPECT_EQ(example->text, "name: \"a\"\n");
  EXPECT_EQ(example->bytes, std::string("\x0a\x01\x61"));
}

TEST(Golden, SamplesFillEveryFieldOfEveryEvent) {
  for (const pb::Descriptor* type : Types()) {
    std::set<std::string> filled;
    for (const auto& sample : SamplesOf(*type)) filled.merge(FieldsIn(*sample));
    EXPECT_TRUE(Missing(*type, filled).empty()) << type->full_name();
  }
}

// The first free "<Event>@<n>.golden".
fs::path NextPath(const pb::Descriptor& type) {
  const fs::path folder = kGolden / ContextOf(type);
  fs::create_directories(folder);
  for (int number = 1;; ++number) {
    fs::path path = folder / absl::StrCat(type.name(), "@", number, ".golden");
    if (!fs::exists(path)) return path;
  }
}

int Update() {
  const auto filled = FilledByExamples();
  for (const pb::Descriptor* type : Types()) {
    const auto found = filled.find(type->full_name());
    std::set<std::string> missing =
        Missing(*type, found == filled.end() ? std::set<std::string>() : found->second);
    if (found != filled.end() && missing.empty()) continue;
    for (const auto& sample : SamplesOf(*type)) {
      const std::set<std::string> fields = FieldsIn(*sample);
      const bool adds = found == filled.end() ||
                        std::any_of(missing.begin(), missing.end(),
                                    [&](const std::string& path) { return fields.contains(path); });
      if (!adds) continue;
      for (const std::string& path : fields) missing.erase(path);
      const fs::path path = NextPath(*type);
      std::ofstream(path, std::ios::binary) << PrintExample(*sample);
      std::cout << "wrote " << path.string() << "\n";
    }
  }
  return 0;
}

}  // namespace
}  // namespace holdfast::golden

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "--update") return holdfast::golden::Update();
  return RUN_ALL_TESTS();
}
