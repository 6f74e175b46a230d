import Glibc

/// What root makes in somebody's folder belongs to whom the folder does, so that a service is not locked out of its own. Does nothing
/// for others, and for a file that is not root's. Gives the `errno` of what failed.
public func giveToFolderOwner(_ descriptor: Int32, _ path: String) -> Int32? {
    guard geteuid() == 0 else { return nil }
    var file = stat()
    var folder = stat()
    guard fstat(descriptor, &file) == 0, stat(DurableFile.folder(of: path), &folder) == 0 else { return errno }
    guard file.st_uid == 0, folder.st_uid != 0 else { return nil }
    return fchown(descriptor, folder.st_uid, folder.st_gid) == 0 ? nil : errno
}
