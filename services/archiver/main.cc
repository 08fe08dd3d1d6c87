#include "app/main.h"

#include "archiver/archiver_process.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, holdfast::archiver::StartArchiver);
}
