using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>The directories below <c>obj/.../models/</c>, one per item.</summary>
internal static class OutputDirectories
{
    /// <summary>Deletes what items that were removed or renamed have left.</summary>
    public static void Prune(string root, IReadOnlyCollection<ModelItem> items)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        var wanted = new HashSet<string>(items.Select(item => item.Name), StringComparer.OrdinalIgnoreCase);
        foreach (string directory in Directory.GetDirectories(root))
        {
            string name = Path.GetFileName(directory);
            // Only the tool leaves a stamp: whatever else lies here is not ours to delete.
            if (!wanted.Contains(name) && File.Exists(Path.Combine(directory, OutputStamp.FileName(name))))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }
}
