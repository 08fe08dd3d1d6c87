#include "app/main.h"

#include "directory/directory_service.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv,
                             {holdfast::directory::Directory, holdfast::directory::Operator});
}
