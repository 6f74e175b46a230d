// run-as UID GID PROGRAM [ARGUMENT…]: runs a program as a user without other groups; names of neither are needed.
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "usage: run-as UID GID PROGRAM [ARGUMENT...]\n");
    return 64;
  }
  if (setgroups(0, NULL) || setgid(atoi(arguments[2])) || setuid(atoi(arguments[1]))) {
    perror("run-as");
    return 71;
  }
  execvp(arguments[3], arguments + 3);
  perror(arguments[3]);
  return 71;
}
