import CSQLite
import Glibc

/// What SQLite sees as an open file: its method table, the disk it lies on, and behind that the system's own file.
private struct LayeredFile {
    var base: sqlite3_file
    /// Unretained: disks are never freed. nil for files of other tests.
    var disk: UnsafeRawPointer?

    static let size = 16
}

private typealias File = UnsafeMutablePointer<sqlite3_file>

private func system(_ file: File?) -> File {
    (UnsafeMutableRawPointer(file!) + LayeredFile.size).assumingMemoryBound(to: sqlite3_file.self)
}

private func systemMethods(_ file: File?) -> sqlite3_io_methods { system(file).pointee.pMethods.pointee }

private func judge(_ file: File?, _ operation: FaultyDisk.Operation) -> FaultyDisk.Verdict {
    let layered = UnsafeRawPointer(file!).assumingMemoryBound(to: LayeredFile.self)
    guard let disk = layered.pointee.disk else { return .proceed }
    return Unmanaged<FaultyDisk>.fromOpaque(disk).takeUnretainedValue().judge(operation)
}

/// Leaves the system's code where SQLite looks for it.
private func failure(_ verdict: FaultyDisk.Verdict?) -> Int32? {
    guard case .fail(let code, let systemCode, _) = verdict else { return nil }
    errno = systemCode
    return code
}

enum FaultyDiskLayer {
    /// Takes the place of SQLite's default for this process, and of the one a node has its journal to itself with, once.
    static let install: Void = {
        precondition(MemoryLayout<LayeredFile>.size <= LayeredFile.size)
        cover("unix", as: "faulty", isDefault: true)
        // The first of a name is found; what is registered later comes before.
        cover("unix-excl", as: "unix-excl", isDefault: false)
        precondition(sqlite3_vfs_find("unix-excl").pointee.szOsFile > sqlite3_vfs_find("unix").pointee.szOsFile)
    }()

    private static func cover(_ name: String, as newName: String, isDefault: Bool) {
        let original = sqlite3_vfs_find(name)!
        let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        layer.initialize(to: original.pointee)
        layer.pointee.pNext = nil
        layer.pointee.zName = UnsafePointer(strdup(newName))
        layer.pointee.pAppData = UnsafeMutableRawPointer(original)
        layer.pointee.szOsFile = original.pointee.szOsFile + Int32(LayeredFile.size)
        layer.pointee.xOpen = open
        layer.pointee.xDelete = delete
        precondition(sqlite3_vfs_register(layer, isDefault ? 1 : 0) == SQLITE_OK)
    }

    private static func covered(_ layer: UnsafeMutablePointer<sqlite3_vfs>?) -> UnsafeMutablePointer<sqlite3_vfs> {
        layer!.pointee.pAppData.assumingMemoryBound(to: sqlite3_vfs.self)
    }

    private static let open:
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, sqlite3_filename?, File?, Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32 = { layer, name, file, flags, outFlags in
            let original = covered(layer)
            let disk = FaultyDisk.covering(name)
            file!.pointee.pMethods = nil
            let creating = flags & SQLITE_OPEN_CREATE != 0
            if let code = failure(disk?.judge(.open(creating: creating))) { return code }
            let code = original.pointee.xOpen(original, name, system(file), flags, outFlags)
            if system(file).pointee.pMethods != nil {
                UnsafeMutableRawPointer(file!).assumingMemoryBound(to: LayeredFile.self).pointee.disk =
                    disk.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
                file!.pointee.pMethods = UnsafePointer(table)
            }
            return code
        }

    private static let delete: @convention(c) (UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        layer, name, syncDirectory in
        let original = covered(layer)
        if let code = failure(FaultyDisk.covering(name)?.judge(.delete)) { return code }
        return original.pointee.xDelete(original, name, syncDirectory)
    }

    /// Version 2: without memory-mapped reading, which would pass the layer by.
    nonisolated(unsafe) private static let table: UnsafeMutablePointer<sqlite3_io_methods> = {
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        var methods = sqlite3_io_methods()
        methods.iVersion = 2
        methods.xClose = { systemMethods($0).xClose(system($0)) }
        methods.xRead = { file, buffer, count, offset in
            if let code = failure(judge(file, .read)) { return code }
            return systemMethods(file).xRead(system(file), buffer, count, offset)
        }
        methods.xWrite = { file, buffer, count, offset in
            let verdict = judge(file, .write(bytes: Int(count)))
            if case .fail(_, _, halfDone: true) = verdict {
                _ = systemMethods(file).xWrite(system(file), buffer, count / 2, offset)
            }
            if let code = failure(verdict) { return code }
            return systemMethods(file).xWrite(system(file), buffer, count, offset)
        }
        methods.xTruncate = { file, size in
            if let code = failure(judge(file, .truncate)) { return code }
            return systemMethods(file).xTruncate(system(file), size)
        }
        methods.xSync = { file, flags in
            if let code = failure(judge(file, .sync)) { return code }
            return systemMethods(file).xSync(system(file), flags)
        }
        methods.xFileSize = { systemMethods($0).xFileSize(system($0), $1) }
        methods.xLock = { systemMethods($0).xLock(system($0), $1) }
        methods.xUnlock = { systemMethods($0).xUnlock(system($0), $1) }
        methods.xCheckReservedLock = { systemMethods($0).xCheckReservedLock(system($0), $1) }
        methods.xFileControl = { systemMethods($0).xFileControl(system($0), $1, $2) }
        methods.xSectorSize = { systemMethods($0).xSectorSize(system($0)) }
        methods.xDeviceCharacteristics = { systemMethods($0).xDeviceCharacteristics(system($0)) }
        methods.xShmMap = { file, page, size, extend, out in
            if extend != 0, let code = failure(judge(file, .growIndex)) {
                out?.pointee = nil
                return code
            }
            return systemMethods(file).xShmMap(system(file), page, size, extend, out)
        }
        methods.xShmLock = { systemMethods($0).xShmLock(system($0), $1, $2, $3) }
        methods.xShmBarrier = { systemMethods($0).xShmBarrier(system($0)) }
        methods.xShmUnmap = { systemMethods($0).xShmUnmap(system($0), $1) }
        table.initialize(to: methods)
        return table
    }()
}
