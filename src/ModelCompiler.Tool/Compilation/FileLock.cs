using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Compilation;

/// <summary>
/// A file that one process at a time holds open. The system lets go of it when the process ends, however it ends. The file stays: deleting it would let two
/// processes hold a lock of one name.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int WindowsSharingViolation = 32;
    private const int WindowsLockViolation = 33;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits for the lock, whose folder is made where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="onWait">Called once when another process has it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="CompilerException">The file cannot be made (OM6002).</exception>
    public static FileLock Acquire(string path, Action onWait, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (TryOpen(path) is { } free) return new FileLock(free);
            onWait();
            while (true)
            {
                cancellationToken.WaitHandle.WaitOne(Pause);
                cancellationToken.ThrowIfCancellationRequested();
                // Whoever cleans removes the folder, with a lock in it that nobody needs any more.
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                if (TryOpen(path) is { } stream) return new FileLock(stream);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.FileUnwritable.ErrorIn(path, e.Message);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is WindowsSharingViolation or WindowsLockViolation
        : e.HResult == (OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock);
}
