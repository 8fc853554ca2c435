using System.Runtime.InteropServices;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// The processor time of the thread that asks, by POSIX's clock of it: what it waits while others have the processor does not pass, so that a choice between models that
/// run on one thread is much the same on a machine that others load. With some twenty processes that wanted two cores, one and the same difference between two models was
/// measured as 17 % slower to 14 % faster by the wall's clock (five compilations of MobileNetV2), and as 3 % slower to 2 % faster by this one (two).
/// </summary>
internal sealed partial class ThreadClock : TimeProvider
{
    private const int Linux = 3, MacOS = 16;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private ThreadClock()
    {
    }

    /// <summary>It, or the system's clock where the system has none that is as fine.</summary>
    public static TimeProvider OrSystem { get; } = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? new ThreadClock() : System;

    /// <inheritdoc/>
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        GetTime(OperatingSystem.IsMacOS() ? MacOS : Linux, out TimeSpecification time) == 0
            ? time.Seconds * NanosecondsPerSecond + time.Nanoseconds
            : throw new InvalidOperationException($"clock_gettime: error {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpecification(long Seconds, long Nanoseconds);
}
