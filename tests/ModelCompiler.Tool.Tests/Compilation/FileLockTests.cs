using ModelCompiler.Onnx;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Compilation;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

public sealed class FileLockTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_second_waits_for_the_first_and_says_so_once()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string path = _folder.PathOf("new folder/lock");
        int waits = 0;
        FileLock first = FileLock.Acquire(path, () => Assert.Fail("nobody has it"), cancellation);
        using var waiting = new SemaphoreSlim(0);
        Task<FileLock> second = Task.Run(() => FileLock.Acquire(path, () => { waits++; waiting.Release(); }, cancellation), cancellation);
        await waiting.WaitAsync(cancellation);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        Assert.Equal(1, waits);
    }

    [Fact]
    public void Waiting_can_be_stopped()
    {
        using FileLock first = FileLock.Acquire(_folder.PathOf("lock"), () => { }, TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => FileLock.Acquire(_folder.PathOf("lock"), stop.Cancel, stop.Token));
    }

    [Fact]
    public void Names_the_file_that_cannot_be_made()
    {
        string file = _folder.Write("file", "in the way");
        Assert.Equal("OM6002", Assert.Throws<CompilerException>(() => FileLock.Acquire(Path.Combine(file, "lock"), () => { }, TestContext.Current.CancellationToken)).Code);
    }
}
