using ModelCompiler.Optimizer.Sessions;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Sessions;

public sealed class ScratchFolderTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("modelcompiler-").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Is_gone_with_its_files()
    {
        string path;
        using (var folder = new ScratchFolder())
        {
            path = folder.Path;
            File.WriteAllText(folder.PathOf("a.onnx"), "model");
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void What_killed_runs_left_goes_and_what_may_be_in_use_or_is_not_ours_stays()
    {
        Make("modelc-aBc123", daysOld: 2);
        Make("modelc-xYz789", daysOld: 0);
        Make("modelc-lines-aBc123", daysOld: 2);
        Make("others-aBc123", daysOld: 2);

        ScratchFolder.Sweep(_parent);

        Assert.Equal(["modelc-lines-aBc123", "modelc-xYz789", "others-aBc123"], Directory.GetDirectories(_parent).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private void Make(string name, int daysOld)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_parent, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "fused.onnx"), "model");
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddDays(-daysOld));
    }
}
