#include "planted_proto.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace holdfast::architecture {
namespace {

namespace pb = google::protobuf;

class Complaints final : public pb::io::ErrorCollector, public pb::DescriptorPool::ErrorCollector {
 public:
  explicit Complaints(std::string& text) : text_(text) {}
  void AddError(int line, pb::io::ColumnNumber /*column*/, const std::string& message) override {
    text_ += std::to_string(line + 1) + ": " + message + "\n";
  }
  void AddError(const std::string& /*file*/, const std::string& element,
                const pb::Message* /*descriptor*/, ErrorLocation /*location*/,
                const std::string& message) override {
    text_ += element + ": " + message + "\n";
  }

 private:
  std::string& text_;
};

}  // namespace

PlantedProto::PlantedProto(const std::string& body) {
  const std::string text =
      "syntax = \"proto3\";\npackage holdfast.planted.v1;\n"
      "import \"holdfast/options/v1/options.proto\";\nimport \"holdfast/type/v1/batch.proto\";\n"
      "import \"holdfast/type/v1/type.proto\";\n" +
      body;
  Complaints complaints(errors_);
  pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  pb::io::Tokenizer tokenizer(&stream, &complaints);
  pb::compiler::Parser parser;
  parser.RecordErrorsTo(&complaints);
  pb::FileDescriptorProto parsed;
  if (!parser.Parse(&tokenizer, &parsed)) return;
  parsed.set_name("planted.proto");
  file_ = pool_.BuildFileCollectingErrors(parsed, &complaints);
}

}  // namespace holdfast::architecture
