#include "readmodel/view_type.h"

#include <exception>
#include <new>

namespace holdfast::readmodel {

Fit ApplyTo(const ViewType& view, google::protobuf::Message& row,
            const google::protobuf::Message& event, const EventMeta& meta, std::string_view key) {
  EventMeta here = meta;
  here.row_key = key;
  try {
    return view.apply(row, event, here);
  } catch (const std::bad_alloc&) {
    throw;  // says nothing about the event
  } catch (const std::exception&) {
    return Unfit("EXCEPTION");
  }
}

}  // namespace holdfast::readmodel
