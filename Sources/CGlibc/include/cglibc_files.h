#ifndef CGLIBC_FILES_H
#define CGLIBC_FILES_H

// Opens a file for reading, which lies beneath the directory that is open as `root` and is named relative to it, without
// "." and ".." in the name. What leads out of the directory, a symbolic link above all, is not followed: EXDEV, or ELOOP.
// Whatever is not a file is opened without a wait: a FIFO has no writer, and no terminal becomes the process's own.
//
// openat2(2) of Linux 5.6, which follows links that stay beneath; where that is missing or forbidden,
// cglibc_open_stepwise.
int cglibc_open_beneath(int root, const char *path);
// The same by openat(2), one name after the other, which follows no link at all.
int cglibc_open_stepwise(int root, const char *path);
// The directory itself, to be given to these.
int cglibc_open_directory(const char *path);
// A file anywhere, in the same way.
int cglibc_open_file(const char *path);

#endif
