using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

public class PlacementLogTests
{
    [Fact]
    public void Counts_and_nodes_are_read_over_subgraphs()
    {
        using var log = new PlacementLog(LogSeverity.Error);
        foreach (string line in (string[])
        [
            "Node placements",
            " Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2",
            "  Clip (a (b).0)",
            "  If ()",
            " Node(s) placed on [CUDAExecutionProvider]. Number of nodes: 1",
            "  Conv (c)",
            "Node placements",
            " All nodes placed on [CUDAExecutionProvider]. Number of nodes: 7",
        ])
        {
            log.Read(line);
        }

        Assert.Equal([new("CUDAExecutionProvider", 8), new("CPUExecutionProvider", 2)], log.Counts);
        Assert.Equal(
            [new("CPUExecutionProvider", "a (b).0", "Clip"), new("CPUExecutionProvider", "", "If"), new("CUDAExecutionProvider", "c", "Conv")], log.Nodes);
    }

    [Fact]
    public void Other_lines_are_no_nodes()
    {
        using var log = new PlacementLog(LogSeverity.Error);
        log.Read("  Conv (before any header)");
        log.Read("Some nodes were not assigned to the preferred execution providers");

        Assert.Empty(log.Counts);
        Assert.Empty(log.Nodes);
    }

    [Theory]
    [InlineData(LogSeverity.Error, LogSeverity.Warning, true)]
    [InlineData(LogSeverity.Error, LogSeverity.Error, false)]
    [InlineData(LogSeverity.Verbose, LogSeverity.Verbose, false)]
    public void Listeners_see_what_the_session_asked_for(LogSeverity visible, LogSeverity line, bool isHidden)
    {
        using var log = new PlacementLog(visible);

        Assert.Equal(isHidden, PlacementLog.Hides(log.Id, line));
        Assert.False(PlacementLog.Hides("other", line));
    }
}
