#include "security/sealing_example.h"

#include <string>

#include "holdfast/options/v1/options.pb.h"

namespace holdfast::security {

std::string CountingUp(unsigned char first, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(first + i));
  return bytes;
}

journal::v1::SealedField FieldOfAda() {
  journal::v1::SealedField field;
  journal::v1::SealedField::Origin& origin = *field.mutable_origin();
  origin.set_tenant("westmoor");
  origin.set_context("intelligence");
  origin.set_stream("report/r1");
  origin.set_command_id(CountingUp(0x60, 16));
  origin.set_version(3);
  origin.set_event_id(CountingUp(0x70, 16));
  origin.set_type("holdfast.intelligence.v1.PersonLinked");
  origin.set_schema_version(1);
  field.set_field_path("4[0].2");
  field.set_class_(options::v1::DataClass::PERSON);
  field.set_kind(options::v1::KeyKind::SUBJECT);
  journal::v1::SealedField::Key& key = *field.add_keys();
  key.set_key_id(CountingUp(0x80, 16));
  key.set_generation(1);
  key.set_ref("s1");
  field.set_lease_id(CountingUp(0x30, 16));
  field.set_label(std::string("\x08\x02\x10\x01", 4));
  return field;
}

}  // namespace holdfast::security
