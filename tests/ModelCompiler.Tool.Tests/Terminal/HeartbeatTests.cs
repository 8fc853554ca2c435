using System.Collections.Concurrent;
using ModelCompiler.Tool.Terminal;
using Xunit;

namespace ModelCompiler.Tool.Tests.Terminal;

public sealed class HeartbeatTests
{
    [Fact]
    public void Says_what_is_still_being_done_until_it_ends()
    {
        var progress = new Lines();
        var beats = new Lines();
        using (var heartbeat = new Heartbeat(progress, beats, TimeSpan.FromMilliseconds(10)))
        {
            heartbeat.Report("calibrating");
            Assert.True(SpinWait.SpinUntil(() => beats.Texts.Count > 2, TimeSpan.FromSeconds(60)));
        }
        int count = beats.Texts.Count;
        Assert.Matches(@"^calibrating \(\d+\.\d s\)$", Assert.Single(progress.Texts));
        Assert.StartsWith("calibrating (", beats.Texts.Last(), StringComparison.Ordinal);
        Thread.Sleep(50);
        Assert.Equal(count, beats.Texts.Count);
    }

    private sealed class Lines : IProgress<string>
    {
        public ConcurrentQueue<string> Texts { get; } = [];

        public void Report(string value) => Texts.Enqueue(value);
    }
}
